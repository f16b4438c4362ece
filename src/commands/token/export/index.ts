import { Argument, Option } from "@commander-js/extra-typings";
import { action, type Define, type Example } from "../../../cli/command.ts";
import { sortTokens } from "../../../core/filter.ts";
import { requireSupport } from "../../../core/provider.ts";
import { escapeJson } from "../../../output/escape.ts";
import { type Layout, show, type View } from "../../../output/view.ts";
import type { Session } from "../../../session/session.ts";
import { unwrap } from "../../../session/target/target.ts";
import { type FoundToken, findTokens } from "../shared/selection.ts";
import { addListOptions } from "../shared/selection-options.ts";
import { describeTargets, openTargets, type TokenTargets } from "../shared/targets.ts";
import { type CalendarSource, toCalendar } from "./calendar.ts";
import { toCsv } from "./csv.ts";
import { type MetricLabels, toPrometheus } from "./prometheus.ts";

const formats = ["csv", "ndjson", "prometheus", "ics"] as const;
type ExportFormat = (typeof formats)[number];

/** The result of an export; exactly one of `path` and `content` is set. */
interface TokenExport {
  readonly format: ExportFormat;
  /** The number of selected tokens. */
  readonly tokens: number;
  /** The file with the export. */
  readonly path: string | null;
  readonly content: string | null;
}

const printed: Layout<TokenExport> = { kind: "document", text: ({ content }) => content ?? "" };
const printedView: View<TokenExport> = { text: printed, description: printed };

const written: Layout<TokenExport> = {
  kind: "lines",
  line: ({ tokens, path }) => `Exported ${tokens} token${tokens === 1 ? "" : "s"} to ${path}.`,
};
const writtenView: View<TokenExport> = {
  text: written,
  description: written,
  quietValue: ({ path }) => path ?? "",
};

export const examples: readonly Example[] = [
  { line: "tokctl token export csv", title: "Export all tokens for a spreadsheet" },
  {
    line: "tokctl token export prometheus --output-file $HOME/tokens.prom",
    title: "Write metrics for the textfile collector of the node exporter",
  },
  {
    line: "tokctl token export ics --status active",
    title: "Export the expiry dates of active tokens as a calendar",
    provider: "osmo",
  },
];

export const seeAlso = ["token list", "help output"];

export const define: Define = (command, invocation) =>
  addListOptions(
    command.addArgument(new Argument("<format>", "Format").choices(formats)),
    "Export the tokens of another user (administrators only)",
  )
    .addOption(new Option("--output-file <path>", "Write to a file instead of stdout, in one step"))
    .action(
      action(invocation, async (session, format, argument, options, self) => {
        const { outputFile: path } = options;
        const targets = openTargets(session, options, self, invocation);
        if (format === "ics")
          requireSupport(describeTargets(targets), { capability: "expiryDates" });
        const { found, failure } = await findTokens(targets, argument, options);
        const content = encodeTokens(targets, format, found);
        const result = { format, tokens: found.length };
        if (path === undefined)
          return show({ ...result, path: null, content }, printedView, { failure });
        await session.writePublicFile(path, content);
        return show({ ...result, path, content: null }, writtenView, { failure });
      }),
    );

function encodeTokens(
  targets: TokenTargets,
  format: ExportFormat,
  found: readonly FoundToken[],
): string {
  const now = targets.session.host.now();
  const tokens = sortTokens(found.map(({ token }) => token));
  const ofTarget = targets.list.map(({ session }) => ({
    session,
    tokens: sortTokens(
      found.filter(({ target }) => target.session === session).map(({ token }) => token),
    ),
  }));
  switch (format) {
    case "csv":
      return toCsv(tokens, targets.isSeveral);
    case "ndjson":
      return tokens.map((token) => `${escapeJson(JSON.stringify(token))}\n`).join("");
    case "prometheus": {
      const groups = ofTarget.map(({ session, tokens }) => ({ labels: labelsOf(session), tokens }));
      return toPrometheus(groups, describeTargets(targets).supports, now);
    }
    case "ics":
      return toCalendar(
        ofTarget.flatMap(({ session, tokens }) =>
          tokens.length === 0 ? [] : [{ ...sourceOf(session), tokens }],
        ),
        now,
      );
  }
}

const labelsOf = ({ target }: Session): MetricLabels => ({
  provider: "value" in target.provider ? target.provider.value.id : "",
  profile: "value" in target.profile ? (target.profile.value?.value.name ?? "") : "",
});

function sourceOf({ target }: Session): Omit<CalendarSource, "tokens"> {
  const { id, title } = unwrap(target.provider);
  const url = unwrap(target.baseUrl).value.href;
  return { title, account: JSON.stringify([id, url, unwrap(target.projectRefs)]) };
}
