import { action, type Define, type Example } from "../../cli/command.ts";
import { ownerOption } from "../../cli/options.ts";
import { createTokenLookup } from "../../core/lookup.ts";
import { describeToken } from "../../core/token.ts";
import type { AssignedRole } from "../../core/token-provider.ts";
import { UsageError } from "../../errors.ts";
import { type Field, show, type View } from "../../output/view.ts";

/** The view of the roles of one token. */
const assignedRolesView: View<AssignedRole> = {
  text: {
    kind: "table",
    columns: [
      { key: "ROLE", value: ({ name }) => name, kind: "id" },
      { key: "ASSIGNED BY", value: ({ assignedBy }) => assignedBy },
      { key: "ASSIGNED", value: ({ assignedAt }) => assignedAt, kind: "time" },
    ],
  },
  description: {
    kind: "blocks",
    fields: [
      { key: "Role", value: ({ name }) => name },
      { key: "Assigned by", value: ({ assignedBy }) => assignedBy },
      { key: "Assigned at", value: ({ assignedAt }) => assignedAt, kind: "time" },
    ],
  },
  quietValue: ({ name }) => name,
};

/** A role that a provider supports. */
interface RoleRow {
  readonly name: string;
  readonly description: string;
  readonly deprecated: boolean;
}

const roleFields: readonly Field<RoleRow>[] = [
  { key: "Role", value: ({ name }) => name },
  { key: "Allows", value: ({ description }) => description },
  { key: "Deprecated", value: ({ deprecated }) => (deprecated ? "yes" : null) },
];

/** The view of the roles that a provider supports. */
const rolesView: View<RoleRow> = {
  text: {
    kind: "table",
    columns: [
      { key: "ROLE", value: ({ name }) => name, kind: "id" },
      { key: "DESCRIPTION", value: ({ description }) => description, kind: "prose" },
    ],
  },
  description: { kind: "blocks", fields: roleFields },
  quietValue: ({ name }) => name,
};

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
