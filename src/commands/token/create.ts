import { Option } from "@commander-js/extra-typings";
import { nameAndRoles } from "../../cli/argv.ts";
import { action, type Define, type Example } from "../../cli/command.ts";
import {
  expiry,
  ownerOption,
  ProviderOption,
  repeatable,
  roleAlias,
  selector,
} from "../../cli/options.ts";
import { findReach, toScope } from "../../core/reach.ts";
import { formatSelector } from "../../core/selector.ts";
import { describeToken } from "../../core/token.ts";
import { issueAndDeliver } from "../../issuance/deliver.ts";
import { createToken } from "../../issuance/issue.ts";
import {
  checkForce,
  destinationsHelp,
  forceOption,
  onLostOption,
  toOption,
} from "../../issuance/options.ts";
import { resourcesOf } from "../resource/open.ts";
import { completeTokenSpec } from "./complete-token.ts";
import { describePermissions, showReach, warnAboutReach } from "./scope.ts";

export const examples: readonly Example[] = [
  {
    line: "tokctl token create ci -r ai_training_read -l group=A",
    does: "a token that calls what is labelled group=A, and nothing else",
  },
  {
    line: "TOKEN=$(tokctl token create ci -r ai_training_read)",
    does: "keep its secret in a variable",
  },
  {
    line: "tokctl token create ci -r ai_training_read --to env-file:$HOME/.env#CI_TOKEN",
    does: "send its secret to a .env file, and print it nowhere",
  },
  {
    line: "tokctl token create nightly -r osmo-user -e 90d -d 'deploys from CI'",
    does: "one that ends, and says what it is for",
    provider: "osmo",
  },
  {
    line: "tokctl token create -r model-evaluation --resource 'iris*'",
    does: "one for the models whose id begins with iris",
    provider: "ovh-serving",
  },
];

export const define: Define = (command, invocation) =>
  command
    .usage("[options] [name]")
    .argument("[name]", "what to call it")
    .argument("[role...]", "further roles, behind -r")
    .addOption(new Option("-r, --role <role>", "what it may do; repeatable").argParser(repeatable))
    .addOption(roleAlias())
    .addOption(
      new ProviderOption(
        "labels",
        "-l, --label-selector <name=value>",
        "limit it to what has this label",
      ).argParser(selector),
    )
    .addOption(new ProviderOption("descriptions", "-d, --description <text>", "what it is for"))
    .addOption(
      new ProviderOption(
        "expiry",
        "-e, --expires-at <when>",
        "a date YYYY-MM-DD, a time in RFC 3339, or a duration: 30d, 6mo, 1y",
      ).argParser(expiry),
    )
    .addOption(ownerOption())
    .addOption(
      new ProviderOption(
        "resourcePatterns",
        "--resource <pattern>",
        "limit it to what has a name like this",
      ),
    )
    .addOption(
      new ProviderOption(
        "resources",
        "--preview",
        "create nothing, and show what it would open now",
      ).conflicts(["to", "force", "onLost"]),
    )
    .addOption(toOption())
    .addOption(forceOption())
    .addOption(onLostOption())
    .addHelpText("after", () => destinationsHelp(invocation.host.stdout.columns))
    .action(
      action(invocation, async (session, _name, _roles, options, self) => {
        const provider = session.provider();
        checkForce(options);
        const words = nameAndRoles(self, invocation.args);
        const { notes, ...complete } = await completeTokenSpec(session, provider, {
          name: words.name,
          roles: [...(options.role ?? []), ...words.roles],
          selector: options.labelSelector,
          resource: options.resource,
          expiry: options.expiresAt,
          description: options.description,
          preview: options.preview === true,
        });
        const tokens = await session.tokens();
        const { roles, selector } = complete;
        const scope = toScope(provider, roles, selector ? formatSelector(selector) : null);
        if (options.preview) {
          const reach = await findReach(await resourcesOf(tokens), scope);
          return showReach(scope, reach, [...notes, "Nothing was created."]);
        }
        return issueAndDeliver(session, options, async () => {
          const spec = {
            ...complete,
            owner: options.user,
          };
          const secret = await createToken(session, tokens, spec, options.onLost);
          const { issued, messages } = secret;
          const created = `Created token ${describeToken(issued)}: ${describePermissions(issued, provider)}.`;
          return {
            ...secret,
            isNewToken: true,
            messages: [...notes, ...messages, created],
            notes: provider.supports.resources
              ? [{ text: () => warnAboutReach(tokens, scope) }]
              : [],
          };
        });
      }),
    );
