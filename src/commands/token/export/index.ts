import { Argument, Option } from "@commander-js/extra-typings";
import { action, type Define, type Example } from "../../../cli/command.ts";
import { sortTokens } from "../../../core/filter.ts";
import { requireSupport } from "../../../core/provider.ts";
import type { Token } from "../../../core/token.ts";
import { escapeJson } from "../../../output/escape.ts";
import { type Layout, show, type View } from "../../../output/view.ts";
import type { Session } from "../../../session/session.ts";
import { unwrap } from "../../../session/target/target.ts";
import { addListOptions, findTokens } from "../shared/selection.ts";
import { toCalendar } from "./calendar.ts";
import { toCsv } from "./csv.ts";
import { toPrometheus } from "./prometheus.ts";

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
  line: ({ tokens, path }) => `exported ${tokens} token${tokens === 1 ? "" : "s"} to ${path}`,
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
      action(invocation, async (session, format, argument, options) => {
        const { outputFile: path } = options;
        if (format === "ics") requireSupport(session.provider(), { capability: "expiryDates" });
        const { tokens, failure } = await findTokens(session, argument, options);
        const selected = sortTokens(tokens);
        const content = encodeTokens(session, format, selected);
        const result = { format, tokens: selected.length };
        if (path === undefined)
          return show({ ...result, path: null, content }, printedView, { failure });
        await session.writePublicFile(path, content);
        return show({ ...result, path, content: null }, writtenView, { failure });
      }),
    );

function encodeTokens(session: Session, format: ExportFormat, tokens: readonly Token[]): string {
  const { target, host } = session;
  const { id, title, supports } = session.provider();
  const now = host.now();
  switch (format) {
    case "csv":
      return toCsv(tokens);
    case "ndjson":
      return tokens.map((token) => `${escapeJson(JSON.stringify(token))}\n`).join("");
    case "prometheus": {
      const profile = unwrap(target.profile)?.value.name ?? "";
      return toPrometheus(tokens, { provider: id, profile }, supports, now);
    }
    case "ics": {
      const url = unwrap(target.baseUrl).value.href;
      const account = JSON.stringify([id, url, unwrap(target.projectRefs)]);
      return toCalendar(tokens, { title, account }, now);
    }
  }
}
