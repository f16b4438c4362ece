import { Option } from "@commander-js/extra-typings";
import { checkRoles } from "../../core/check.ts";
import { filterTokens, sortKeys } from "../../core/filter.ts";
import { CliError, UsageError } from "../../errors.ts";
import { show } from "../../output/view.ts";
import { action, type Define, type Example } from "../command.ts";
import { duration, ownerOption, ProviderOption, positiveInteger, selector } from "../options.ts";
import { tokensView } from "./views.ts";

export const examples: readonly Example[] = [
  {
    line: "tokctl token list --role ai_training_read --sort name",
    does: "by role, in order of their names",
  },
  { line: "tokctl token list -o json", does: "for a script" },
  {
    line: "tokctl token list --expiring-within 14d --exit-code",
    does: "exit 11 if a token ends within two weeks",
    provider: "osmo",
  },
];

export const define: Define = (command, invocation) =>
  command
    .addOption(ownerOption())
    .addOption(new Option("--role <role>", "only those with this role"))
    .addOption(
      new ProviderOption(
        "labels",
        "--label <name=value>",
        "only those with this label selector",
      ).argParser(selector),
    )
    .addOption(
      new Option("--status <status>", "only those").choices(["active", "expired"] as const),
    )
    .addOption(
      new Option(
        "--expiring-within <duration>",
        "only active ones that expire within 14d, 12h, …",
      ).argParser(duration),
    )
    .addOption(new Option("--exit-code", "end with 11 if --expiring-within finds some"))
    .addOption(new Option("--sort <key>", "in which order (default: created)").choices(sortKeys))
    .addOption(new Option("--limit <n>", "only the first n").argParser(positiveInteger))
    .action(
      action(invocation, async (context, options) => {
        const { expiringWithin, exitCode, label, role, user, ...filter } = options;
        if (exitCode && expiringWithin === undefined)
          throw new UsageError("--exit-code needs --expiring-within.", {
            hint: "tokctl token list --expiring-within 14d --exit-code",
          });
        const provider = context.provider();
        const [wantedRole] = role === undefined ? [] : checkRoles(provider, [role]).roles;
        const tokens = await (await context.tokens()).list(user);
        const wanted = filterTokens(
          tokens,
          { ...filter, role: wantedRole, selector: label, expiringWithin },
          context.host.now(),
        );
        const failure =
          exitCode && wanted.length > 0
            ? new CliError("expiring", `Tokens that expire soon: ${wanted.length}.`, {
                hint: "tokctl token renew TOKEN gives one a new secret; see its --expires-at.",
              })
            : undefined;
        return show(wanted, tokensView(provider.supports), { failure });
      }),
    );
