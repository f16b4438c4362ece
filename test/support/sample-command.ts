import { action, type Define, type Example } from "../../src/cli/command.ts";
import { ownerOption } from "../../src/cli/options.ts";
import { show, type View } from "../../src/output/view.ts";

const line = ({ count }: { readonly count: number }) => String(count);
const countView: View<{ readonly count: number }> = {
  text: { kind: "lines", line },
  description: { kind: "lines", line },
  quietValue: line,
};

export const examples: readonly Example[] = [
  { line: "tokctl token count", title: "Count your tokens" },
];

export const define: Define = (command, invocation) =>
  command.addOption(ownerOption()).action(
    action(invocation, async (session, { user: owner }) => {
      const { length: count } = await (await session.tokens()).list(owner);
      return show({ count }, countView);
    }),
  );
