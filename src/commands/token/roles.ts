import { action, type Define, type Example } from "../../cli/command.ts";
import { ownerOption } from "../../cli/options.ts";
import { createTokenLookup } from "../../core/lookup.ts";
import { describeToken } from "../../core/token.ts";
import { UsageError } from "../../errors.ts";
import { show } from "../../output/view.ts";
import { assignedRolesView, rolesView } from "./shared/views.ts";

export const examples: readonly Example[] = [
  { line: "tokctl token roles", title: "List all roles" },
  { line: "tokctl token roles ci", title: "Show the roles of a token" },
  { line: "tokctl token roles --provider osmo", title: "List the roles of another provider" },
];

export const seeAlso = ["help scopes"];

export const define: Define = (command, invocation) =>
  command
    .argument("[token]", "ID, name, or the first characters of the ID")
    .addOption(ownerOption())
    .action(
      action(invocation, async (session, reference, { user: owner }) => {
        const provider = session.provider();
        if (reference === undefined) {
          if (owner !== undefined)
            throw new UsageError("--user requires a token.", {
              hint: "Name the token: tokctl token roles TOKEN --user USER",
            });
          const known = provider.roles.map(({ name, description, replacedBy }) => ({
            name,
            description,
            deprecated: replacedBy !== undefined,
          }));
          return show(known, rolesView);
        }
        const tokens = await session.tokens();
        const { item: token } = await createTokenLookup(provider, tokens, owner)(reference);
        const roles = await tokens.roles(token, owner);
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
