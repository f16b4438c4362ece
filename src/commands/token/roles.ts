import { action, type Define, type Example } from "../../cli/command.ts";
import { ownerOption } from "../../cli/options.ts";
import { assignedRolesView, rolesView } from "../../cli/token-views.ts";
import { tokenFinder } from "../../core/find.ts";
import { describeToken } from "../../core/token.ts";
import { UsageError } from "../../errors.ts";
import { show } from "../../output/view.ts";

export const examples: readonly Example[] = [
  { line: "tokctl token roles", does: "the roles there are, and what they allow" },
  { line: "tokctl token roles ci", does: "those of one token" },
  { line: "tokctl token roles --provider osmo", does: "those of another API" },
];

export const define: Define = (command, invocation) =>
  command
    .argument("[token]", "its id, name, or the beginning of its id")
    .addOption(ownerOption())
    .action(
      action(invocation, async (session, reference, { user }) => {
        const provider = session.provider();
        if (reference === undefined) {
          if (user !== undefined)
            throw new UsageError("--user needs a token whose roles to show.", {
              hint: "tokctl token roles TOKEN --user USER",
            });
          const known = provider.roles.map(({ name, description, replacedBy }) => ({
            name,
            description,
            deprecated: replacedBy !== undefined,
          }));
          return show(known, rolesView);
        }
        const tokens = await session.tokens();
        const { item: token } = await tokenFinder(provider, tokens, user)(reference);
        const roles = await tokens.roles(token, user);
        return show(
          { id: token.id, name: token.name, owner: token.owner, roles },
          assignedRolesView,
          {
            items: roles,
            notes:
              roles.length === 0
                ? [{ text: `Token ${describeToken(token)} has no roles.`, atTerminal: true }]
                : [],
          },
        );
      }),
    );
