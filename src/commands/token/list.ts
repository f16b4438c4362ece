import { Option } from "@commander-js/extra-typings";
import { action, type Define, type Example } from "../../cli/command.ts";
import { parsePositiveInteger } from "../../cli/options.ts";
import { parseSortOrder, type SortOrder, sortOrders, sortTokens } from "../../core/filter.ts";
import type { Provider, Supports } from "../../core/provider.ts";
import { CliError, UsageError } from "../../errors.ts";
import { countNotes, show } from "../../output/view.ts";
import { findTokens } from "./shared/selection.ts";
import { addListOptions, describeNoMatch } from "./shared/selection-options.ts";
import { describeTargets, openTargets } from "./shared/targets.ts";
import { tokenColumnNames, tokensView } from "./shared/views.ts";

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
  addListOptions(command, "List the tokens of another user (administrators only)")
    .addOption(new Option("--exit-code", "Exit with 11 if --expiring-within finds a token"))
    .addOption(
      new Option(
        "--sort <key>",
        "Sort key, with a leading - for descending order (default: created)",
      ).choices(sortOrders),
    )
    .addOption(
      new Option("--limit <n>", "Maximum number of tokens").argParser(parsePositiveInteger),
    )
    .addOption(
      new Option(
        "--columns <columns>",
        "Columns of the table, for example id,name,roles",
      ).argParser(columnNames),
    )
    .action(
      action(invocation, async (session, argument, options, self) => {
        const { exitCode, limit, sort } = options;
        if (exitCode && options.expiringWithin === undefined)
          throw new UsageError("--exit-code requires --expiring-within.", {
            hint: "For example: tokctl token list --expiring-within 14d --exit-code",
          });
        const targets = openTargets(session, options, self, invocation);
        const described = describeTargets(targets);
        const { supports } = described;
        if (sort) checkSort(described, sort);
        if (options.columns) checkColumns(described, options.columns, targets.isSeveral);
        const { found, failure } = await findTokens(targets, argument, options);
        const wanted = sortTokens(
          found.map(({ token }) => token),
          sort,
        );
        const shown = wanted.slice(0, limit);
        const expiring =
          exitCode && wanted.length > 0 ? expiringError(wanted.length, supports) : undefined;
        return show(shown, tokensView(supports, shown, options.columns), {
          notes:
            wanted.length === 0
              ? [{ text: describeNoMatch(options), atTerminal: true }]
              : countNotes({ shown: shown.length, of: wanted.length }, "token"),
          failure: failure ?? expiring,
        });
      }),
    );

const expiringError = (count: number, supports: Supports) =>
  new CliError(
    "expiring",
    `${count} token${count === 1 ? " expires" : "s expire"} within the duration of --expiring-within.`,
    {
      hint: `To renew one with a later expiry: tokctl token renew TOKEN -e DATE${supports.softExpiry ? " --soft-expiry" : ""}`,
    },
  );

/** Parses names of columns, separated by commas; their case does not matter. */
const columnNames = (text: string): readonly string[] => [
  ...new Set(text.split(",").map((name) => name.trim().toLowerCase())),
];

/** @throws UsageError for a column that tokens of the provider don't have. */
function checkColumns(
  { title, supports }: Pick<Provider, "title" | "supports">,
  columns: readonly string[],
  hasProfiles: boolean,
): void {
  const known = tokenColumnNames(supports, hasProfiles);
  const unknown = columns.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`${title} tokens have no column "${unknown}".`, {
      hint: `The columns are ${known.join(", ")}.`,
    });
}

/** @throws UsageError for a sort key that tokens of the provider don't have. */
function checkSort(
  { title, supports }: Pick<Provider, "title" | "supports">,
  order: SortOrder,
): void {
  const { names, creationTimes, expiryDates } = supports;
  const has = { name: names, created: creationTimes, expires: expiryDates };
  const possible = sortOrders.filter((each) => has[parseSortOrder(each).key]);
  if (!possible.includes(order))
    throw new UsageError(
      `--sort ${order} is not supported: ${title} tokens do not have this key.`,
      {
        hint: `Supported keys: ${possible.join(", ")}`,
      },
    );
}
