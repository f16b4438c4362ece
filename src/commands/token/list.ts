import { Option } from "@commander-js/extra-typings";
import { action, type Define, type Example } from "../../cli/command.ts";
import {
  duration,
  ownerOption,
  ProviderOption,
  positiveInteger,
  selector,
} from "../../cli/options.ts";
import { tokensView } from "../../cli/token-views.ts";
import { filterTokens, parseSortOrder, type SortOrder, sortOrders } from "../../core/filter.ts";
import type { Provider } from "../../core/provider.ts";
import { validateRoles, validateSelector } from "../../core/validation.ts";
import { CliError, UsageError } from "../../errors.ts";
import { countNotes, show } from "../../output/view.ts";

export const examples: readonly Example[] = [
  {
    line: "tokctl token list --role ai_training_read --sort name",
    title: "List tokens with a role, sorted by name",
  },
  { line: "tokctl token list -o json", title: "List tokens as JSON" },
  {
    line: "tokctl token list --expiring-within 14d --exit-code",
    title: "Exit with 11 if a token expires within two weeks",
    provider: "osmo",
  },
];

export const seeAlso = ["help output", "token get"];

export const define: Define = (command, invocation) =>
  command
    .addOption(ownerOption())
    .addOption(new Option("--role <role>", "Only tokens with this role"))
    .addOption(
      new ProviderOption(
        "labels",
        "--label <name=value>",
        "Only tokens with this label selector",
      ).argParser(selector),
    )
    .addOption(
      new ProviderOption(
        "expiry",
        "--status <status>",
        "Only active or only expired tokens",
      ).choices(["active", "expired"] as const),
    )
    .addOption(
      new ProviderOption(
        "expiry",
        "--expiring-within <duration>",
        "Only active tokens that expire within a time, for example 14d",
      ).argParser(duration),
    )
    .addOption(new Option("--exit-code", "Exit with 11 if --expiring-within finds a token"))
    .addOption(
      new Option(
        "--sort <key>",
        "Sort key, with a leading - for descending order (default: created)",
      ).choices(sortOrders),
    )
    .addOption(new Option("--limit <n>", "Maximum number of tokens").argParser(positiveInteger))
    .action(
      action(invocation, async (session, options) => {
        const { expiringWithin, exitCode, label, limit, role, sort, status, user: owner } = options;
        if (exitCode && expiringWithin === undefined)
          throw new UsageError("--exit-code requires --expiring-within.", {
            hint: "For example: tokctl token list --expiring-within 14d --exit-code",
          });
        if (expiringWithin !== undefined && status === "expired")
          throw new UsageError("--expiring-within and --status expired exclude each other.", {
            hint: "Remove one of the two options.",
          });
        const provider = session.provider();
        if (sort) checkSort(provider, sort);
        if (label) validateSelector(provider, label);
        const [wantedRole] = role === undefined ? [] : validateRoles(provider, [role]).roles;
        const tokens = await (await session.tokens()).list(owner);
        const wanted = filterTokens(
          tokens,
          { role: wantedRole, selector: label, status, expiringWithin, sort },
          session.host.now(),
        );
        const shown = wanted.slice(0, limit);
        const failure =
          exitCode && wanted.length > 0
            ? new CliError(
                "expiring",
                `Tokens that expire within the duration: ${wanted.length}.`,
                {
                  hint: "To renew one with a later expiry: tokctl token renew TOKEN -e DATE",
                },
              )
            : undefined;
        return show(shown, tokensView(provider.supports), {
          notes: countNotes({ shown: shown.length, of: wanted.length }, "token"),
          failure,
        });
      }),
    );

/** @throws UsageError for a sort key that tokens of the provider don't have. */
function checkSort({ title, supports }: Provider, order: SortOrder): void {
  const { names, creationTimes, expiry } = supports;
  const has = { name: names, created: creationTimes, expires: expiry };
  const possible = sortOrders.filter((each) => has[parseSortOrder(each).key]);
  if (!possible.includes(order))
    throw new UsageError(`--sort ${order} is not supported: ${title} tokens have no such key.`, {
      hint: `Supported keys: ${possible.join(", ")}`,
    });
}
