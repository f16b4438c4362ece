import { Option } from "@commander-js/extra-typings";
import { checkName, checkRoles } from "../../core/check.ts";
import type { Provider } from "../../core/provider.ts";
import { findReach, toScope } from "../../core/reach.ts";
import { formatSelector } from "../../core/selector.ts";
import { describeToken, type Token } from "../../core/token.ts";
import { nameAndRoles } from "../argv.ts";
import { action, type Define, type Example } from "../command.ts";
import {
  expiry,
  ownerOption,
  ProviderOption,
  repeatable,
  roleAlias,
  selector,
} from "../options.ts";
import { resourcesOf } from "../resource/open.ts";
import { forceOption, issue, placesHelp, toOption } from "./issue.ts";
import { showReach, warnOfReach } from "./scope.ts";

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
        "a date YYYY-MM-DD (UTC) or a duration: 30d",
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
      ),
    )
    .addOption(toOption())
    .addOption(forceOption())
    .addHelpText("after", placesHelp)
    .action(
      action(invocation, async (context, _name, _roles, options, self) => {
        const provider = context.provider();
        const words = nameAndRoles(self, invocation.args);
        checkName(provider, words.name);
        const { roles, notes } = checkRoles(provider, [...(options.role ?? []), ...words.roles]);
        const tokens = await context.tokens();
        const scope = toScope(
          provider,
          roles,
          options.labelSelector ? formatSelector(options.labelSelector) : null,
        );
        if (options.preview) {
          const reach = await findReach(await resourcesOf(tokens), scope);
          return showReach(scope, reach, [...notes, "Nothing was created."]);
        }
        return issue(context, options, async () => {
          const issued = await tokens.create({
            name: words.name,
            roles,
            selector: options.labelSelector,
            description: options.description,
            expiry: options.expiresAt,
            resource: options.resource,
            owner: options.user,
          });
          const made = `Created token ${describeToken(issued)}: ${powers(issued, provider)}.`;
          return {
            issued,
            isNew: true,
            said: [...notes, made],
            notes: provider.supports.resources ? [{ text: () => warnOfReach(tokens, scope) }] : [],
          };
        });
      }),
    );

const powers = (
  { roles, labelSelector, resource, region, expiresAt }: Token,
  { supports }: Provider,
) =>
  [
    `role ${roles.join(", ") || "none"}`,
    ...(supports.labels || supports.resourcePatterns
      ? [labelSelector ?? resource ?? "unscoped"]
      : []),
    ...(region === null ? [] : [`region ${region}`]),
    ...(expiresAt === null ? [] : [`until ${expiresAt}`]),
  ].join(", ");
