import { nameAndRoles } from "../../cli/argv.ts";
import { action, type Define, type Example } from "../../cli/command.ts";
import { ownerOption, ProviderOption, roleAlias } from "../../cli/options.ts";
import type { Provider } from "../../core/provider.ts";
import { findScopeContents, toResourceScope } from "../../core/resource-scope.ts";
import { describeToken, formatSelector, type TokenSpec } from "../../core/token.ts";
import type { TokenProvider } from "../../core/token-provider.ts";
import { validateRoleWords } from "../../core/validation.ts";
import type { DeliverableSecret } from "../../issuance/deliver.ts";
import { issueAndDeliver } from "../../issuance/deliver.ts";
import type { EnsureOptions } from "../../issuance/ensure-token.ts";
import { createToken } from "../../issuance/issue.ts";
import type { Session } from "../../session/session.ts";
import {
  forceOption,
  onLostOption,
  toOption,
  validateForce,
} from "../shared/destination-options.ts";
import { resourcesOf } from "../shared/open-resources.ts";
import {
  applySoftExpiry,
  checkExpiryOptions,
  expiryOption,
  softExpiryOption,
} from "./shared/expiry-options.ts";
import {
  completeTokenSpec,
  descriptionOption,
  resourceOption,
  roleOption,
  selectorOption,
} from "./shared/new-token.ts";
import { describePermissions, showReach, warnAboutReach } from "./shared/scope.ts";
import {
  describeRenewal,
  describeSoftExpiry,
  showDelivery,
  warnOfExpiry,
} from "./shared/secret-views.ts";

export const effect = "create";

export const examples: readonly Example[] = [
  {
    line: "tokctl token create ci -r ai_training_read -l group=A",
    title: "Create a token limited to resources with the label group=A",
  },
  {
    line: "TOKEN=$(tokctl token create ci -r ai_training_read)",
    title: "Save the secret in a variable",
  },
  {
    line: "tokctl token create ci -r ai_training_read --to env-file:$HOME/.env#CI_TOKEN",
    title: "Write the secret to a .env file instead of stdout",
  },
  {
    line: "tokctl token create ci -r ai_training_read --if-exists renew",
    title: "Create a token, or renew it if it exists",
    provider: "ovh-ai",
  },
  {
    line: "tokctl token create nightly -r osmo-user -e 90d -d 'deploys from CI'",
    title: "Create a token that expires in 90 days",
    provider: "osmo",
  },
  {
    line: "tokctl token create ci -r ai_training_read -e 90d --soft-expiry",
    title: "Create a token that token delete --expired deletes after 90 days",
    provider: "ovh-ai",
  },
  {
    line: "tokctl token create -r model-evaluation --resource 'iris*'",
    title: "Create a token for models with an ID that starts with iris",
    provider: "ovh-serving",
  },
];

export const seeAlso = ["help destinations", "help scopes", "token renew", "recover"];

export const define: Define = (command, invocation) =>
  command
    .usage("[options] [name]")
    .argument("[name]", "Name of the token")
    .argument("[role...]", "")
    .addOption(roleOption("Role of the token (repeatable)"))
    .addOption(roleAlias())
    .addOption(selectorOption())
    .addOption(descriptionOption())
    .addOption(expiryOption())
    .addOption(softExpiryOption())
    .addOption(ownerOption())
    .addOption(resourceOption())
    .addOption(
      new ProviderOption(
        "resources",
        "--preview",
        "Show the resources in scope and create nothing",
      ).conflicts(["to", "force", "onLost", "ifExists"]),
    )
    .addOption(
      new ProviderOption(
        "names",
        "--if-exists <action>",
        "Action if the name exists: fail, renew or replace",
      ).choices(["fail", "renew", "replace"] as const),
    )
    .addOption(toOption())
    .addOption(forceOption())
    .addOption(
      onLostOption(
        "After a lost response: revoke (delete), renew or keep the token (default: prompt, else revoke)",
      ),
    )
    .action(
      action(invocation, async (session, _name, _roles, options, self) => {
        const provider = session.provider();
        validateForce(options);
        checkExpiryOptions(provider, options);
        const words = nameAndRoles(self, invocation.args);
        validateRoleWords(provider, words.roles);
        const isPreview = options.preview === true;
        const given = {
          name: words.name,
          roles: [...(options.role ?? []), ...words.roles],
          selector: options.labelSelector,
          resource: options.resource,
          expiry: options.expiresAt,
          description: options.description,
        };
        const completed = await completeTokenSpec(session, provider, given, isPreview);
        const { messages: roleMessages, ...spec } = applySoftExpiry(
          completed,
          options,
          session.host.now(),
        );
        const tokens = await session.tokens();
        const { roles, selector } = spec;
        const scope = toResourceScope(provider, roles, selector ? formatSelector(selector) : null);
        if (isPreview) {
          const reach = await findScopeContents(await resourcesOf(tokens), scope);
          return showReach(scope, reach, [...roleMessages, "Preview: no token was created."]);
        }
        const { user: owner } = options;
        const delivery = await issueAndDeliver(session, { ...options, owner }, async () => {
          // Everything that could change the user's mind comes before the token is created.
          await session.say({ text: roleMessages });
          if (provider.supports.resources)
            await session.say({ text: () => warnAboutReach(tokens, scope) });
          const secret = await issue(session, provider, tokens, { ...spec, owner }, options);
          const { issued, messages, isNewToken } = secret;
          if (!isNewToken)
            return {
              ...secret,
              messages: [...messages, ...describeRenewal(issued)],
              notes: warnOfExpiry(issued, session.host.now()),
            };
          const created = `Created token ${describeToken(issued)}: ${describePermissions(issued, provider)}.`;
          return { ...secret, messages: [...messages, created, ...describeSoftExpiry(issued)] };
        });
        return showDelivery(session, delivery);
      }),
    );

/** Creates the token; with `--if-exists`, renews or replaces an existing one. */
async function issue(
  session: Session,
  provider: Provider,
  tokens: TokenProvider,
  spec: TokenSpec,
  { ifExists, onLost }: Partial<EnsureOptions>,
): Promise<DeliverableSecret> {
  if (ifExists === undefined)
    return { ...(await createToken(session, tokens, spec, { onLost })), isNewToken: true };
  const { ensureToken } = await import("../../issuance/ensure-token.ts");
  return ensureToken(session, provider, tokens, spec, { ifExists, onLost });
}
