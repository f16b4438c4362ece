import { type Define, type Example, lenientAction } from "../cli/command.ts";
import type { DoctorCheck } from "../doctor/check-runner.ts";
import { runChecks } from "../doctor/run-checks.ts";
import { CliError } from "../errors.ts";
import { show, type Tone, type View } from "../output/view.ts";

const tones = {
  ok: "success",
  warning: "warning",
  failed: "error",
  skipped: undefined,
} as const satisfies Record<DoctorCheck["status"], Tone | undefined>;

const checksView: View<DoctorCheck> = {
  text: {
    kind: "lines",
    line: ({ name, status, detail, hint }) => [
      `${status.padEnd(8)} ${name.padEnd(12)} ${detail}`,
      ...(hint?.split("\n") ?? []).map(
        (line, i) => `${" ".repeat(22)}${i === 0 ? "hint: " : "      "}${line}`,
      ),
    ],
    tone: ({ status }) => tones[status],
    hang: 22,
  },
  description: {
    kind: "blocks",
    fields: [
      { key: "Check", value: ({ name }) => name },
      { key: "Status", value: ({ status }) => status },
      { key: "Detail", value: ({ detail }) => detail },
      { key: "Hint", value: ({ hint }) => hint },
      { key: "Code", value: ({ code }) => code },
    ],
  },
  quietValue: ({ name, status }) => (status === "failed" ? name : ""),
};

export const examples: readonly Example[] = [
  { line: "tokctl doctor", title: "Diagnose the current profile" },
  { line: "tokctl doctor -p work -o json", title: "Diagnose a profile, as JSON for a bug report" },
];

export const seeAlso = ["profile show", "explain"];

export const define: Define = (command, invocation) =>
  command.action(
    lenientAction(invocation, async (session) => {
      const checks = await runChecks(session);
      const failed = checks.filter(({ status }) => status === "failed");
      const [first] = failed;
      const names = failed.map(({ name }) => name).join(", ");
      const failure = first?.code
        ? new CliError(
            first.code,
            `${failed.length} of ${checks.length} checks failed: ${names}.`,
            {
              hint: "Fix the first failed check, then run tokctl doctor again.",
            },
          )
        : undefined;
      return show(checks, checksView, { failure });
    }),
  );
