import { type Define, type Example, lenientAction } from "../cli/command.ts";
import { type Explanation, errorCodes, explanations } from "../cli/error-explanations.ts";
import { type ErrorCode, exitCodes, UsageError } from "../errors.ts";
import { show, type View } from "../output/view.ts";

interface ExplainedCode extends Explanation {
  readonly code: ErrorCode;
  readonly exitCode: number;
}

const lines = { kind: "lines", line: String, hang: 4 } as const;

const explainedView: View<string> = {
  text: lines,
  description: lines,
  quietValue: String,
};

export const examples: readonly Example[] = [
  { line: "tokctl explain not_found", title: "Explain the code in the brackets of an error" },
  { line: "tokctl explain 4", title: "Explain an exit code" },
];

export const seeAlso = ["help exit-codes", "doctor"];

export const define: Define = (command, invocation) =>
  command.argument("<code>", "Error code such as not_found, or exit code such as 3").action(
    lenientAction(invocation, async (_context, word) => {
      const code = errorCodes.find((each) => each === word || String(exitCodes[each]) === word);
      if (!code)
        throw new UsageError(`Unknown error code "${word}".`, {
          hint: "Run tokctl help exit-codes to list the error codes.",
          unknownWord: { word, candidates: errorCodes },
        });
      const explained = { code, exitCode: exitCodes[code], ...explanations[code] };
      return show(explained, explainedView, { items: linesOf(explained) });
    }),
  );

const linesOf = ({
  code,
  exitCode,
  meaning,
  causes,
  remedies,
}: ExplainedCode): readonly string[] => [
  `${code} (exit ${exitCode}): ${meaning}.`,
  "",
  "Causes:",
  ...causes.map((each) => `  - ${each}`),
  "",
  "Next steps:",
  ...remedies.map((each) => `  - ${each}`),
];
