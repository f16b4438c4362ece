import type { Example } from "./command.ts";

/** How the examples stand below a command's help. */
export const formatExamples = (examples: readonly Example[]): string =>
  ["", "Examples:", ...examples.flatMap((each) => [`  # ${titleOf(each)}`, `  ${each.line}`])].join(
    "\n",
  );

/** What an example does, and for which provider. */
export const titleOf = ({ does, provider }: Example): string =>
  provider === undefined ? does : `${does} (${provider})`;
