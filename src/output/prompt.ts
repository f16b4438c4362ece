import { InterruptedError } from "../errors.ts";
import type { Host, Terminal } from "../host.ts";
import { safe } from "./safe.ts";

/**
 * Asks a yes-or-no question at the terminal; "no" is the answer that Enter gives.
 * @throws InterruptedError unless the answer is yes.
 */
export async function confirm(
  { input, output }: Terminal,
  question: string,
  interrupt: Host["interrupt"],
): Promise<void> {
  const clack = await import("@clack/prompts");
  const answer = await clack.confirm({
    message: question.split("\n").map(safe).join("\n"),
    initialValue: false,
    input,
    output,
    signal: interrupt,
  });
  if (answer !== true)
    throw new InterruptedError(
      "Nothing was changed.",
      interrupt.reason === "SIGTERM" ? "terminated" : "interrupted",
    );
}
