import type { CommandUnknownOpts } from "@commander-js/extra-typings";

/** What a command does to things. */
export type Kind = "read" | "create" | "change" | "renew" | "delete";

/** The kinds of commands by their names; what is not here reads. */
const kinds: ReadonlyMap<string, Kind> = new Map([
  ["create", "create"],
  ["run", "create"],
  ["renew", "renew"],
  ["delete", "delete"],
  ["remove", "delete"],
  ["logout", "delete"],
  ["start", "change"],
  ["stop", "change"],
  ["set-label", "change"],
  ["set", "change"],
  ["use", "change"],
  ["login", "change"],
  ["import", "change"],
  ["recover", "change"],
]);

/** What a command does: a suggestion never leads to another kind than what was typed. */
export const kindOf = (command: CommandUnknownOpts): Kind => kinds.get(command.name()) ?? "read";

/** Whether what a command does to a thing can't be undone. */
export const isDestructive = (command: CommandUnknownOpts): boolean =>
  ["renew", "delete"].includes(kindOf(command)) || command.name() === "stop";
