import { nameAndRoles } from "../../cli/argv.ts";
import { action, type Define, type Example } from "../../cli/command.ts";
import {
  expiry,
  ownerOption,
  ProviderOption,
  repeatable,
  roleAlias,
  yesOption,
} from "../../cli/options.ts";
import { createTokenLookup } from "../../core/lookup.ts";
import { validateRoles, validateRoleWords } from "../../core/validation.ts";
import { issueAndDeliver } from "../../issuance/deliver.ts";
import { renewToken } from "../../issuance/issue.ts";
import { updateStoredCredential } from "../../issuance/update-stored-credential.ts";
import {
  forceOption,
  onLostOption,
  toOption,
  validateForce,
} from "../shared/destination-options.ts";
import { confirmTokenChange } from "./shared/confirm-token-change.ts";
import { describeRenewal, warnOfExpiry } from "./shared/renewal-notes.ts";
import { showDelivery } from "./shared/views.ts";

export const examples: readonly Example[] = [
  {
    line: "TOKEN=$(tokctl token renew ci -y)",
    title: "Save the new secret in a variable",
  },
  {
    line: "tokctl token renew deploy -y --to github-env:DEPLOY_TOKEN",
    title: "Pass the new secret to later steps of a GitHub job, masked in the log",
  },
  { line: "tokctl token renew ci -e 30d", title: "Change the expiry", provider: "osmo" },
];

export const seeAlso = ["help destinations", "token create", "recover"];

export const define: Define = (command, invocation) =>
  command
    .usage("[options] <token>")
    .argument("<token>", "ID or name")
    .argument("[role...]", "")
    .addOption(ownerOption())
    .addOption(
      new ProviderOption(
        "expiry",
        "-e, --expires-at <when>",
        "New expiry: YYYY-MM-DD, an RFC 3339 time, or a duration such as 30d, 6mo or 1y",
      ).argParser(expiry),
    )
    .addOption(
      new ProviderOption(
        "renewChanges",
        "-r, --role <role>",
        "New roles (repeatable, or several after one -r)",
      ).argParser(repeatable),
    )
    .addOption(roleAlias())
    .addOption(toOption())
    .addOption(forceOption())
    .addOption(
      onLostOption(
        "If the response is lost: renew (issue another secret), revoke (delete the token) or keep (default: prompt, else renew)",
      ),
    )
    .addOption(yesOption())
    .action(
      action(invocation, async (session, _token, _roles, options, self) => {
        const provider = session.provider();
        validateForce(options);
        const words = nameAndRoles(self, invocation.args);
        validateRoleWords(provider, words.roles);
        const reference = words.name ?? "";
        const given = [...(options.role ?? []), ...words.roles];
        const { roles, notes } =
          given.length > 0 ? validateRoles(provider, given) : { roles: undefined, notes: [] };
        const { user: owner, onLost } = options;
        const delivery = await issueAndDeliver(session, { ...options, owner }, async () => {
          const tokens = await session.tokens();
          const found = await createTokenLookup(provider, tokens, owner)(reference);
          const consent = { verb: "Renew", yes: options.yes };
          const mayBeInUse = await confirmTokenChange(session, provider, tokens, [found], consent);
          const changes = { roles, expiry: options.expiresAt, owner };
          const secret = await renewToken(session, tokens, found.item, changes, onLost);
          const { issued, messages } = secret;
          const failure = mayBeInUse
            ? await updateStoredCredential(session, provider, issued)
            : undefined;
          return {
            ...secret,
            isNewToken: false,
            messages: [...notes, ...messages, ...describeRenewal(issued)],
            notes: warnOfExpiry(issued, session.host.now()),
            failure,
          };
        });
        return showDelivery(delivery);
      }),
    );
