import type { CommandEffect, ListedCommand, ListedGroup, ListedVerb } from "../cli/command.ts";
import { type ResourceKind, resourceKinds } from "../core/resource.ts";
import type { DefineFor, ExamplesFor } from "./resource/shared/resources.ts";

const verb = (names: string, description: string, load: ListedVerb["load"]): ListedVerb => ({
  names: names.split(" ") as [string],
  description,
  load,
});

const group = (
  name: string,
  description: string,
  entries: readonly ListedCommand[],
  standard?: string,
): ListedGroup => ({ names: [name], description, entries, ...(standard && { standard }) });

/** Marks a command, or all commands of a group, that act on the target. */
const usingTarget = <T extends ListedCommand>(command: T): T => ({ ...command, usesTarget: true });

/** A group of commands that act on the target. */
const targetGroup = (...parts: Parameters<typeof group>): ListedGroup =>
  usingTarget(group(...parts));

/** A command for apps, jobs and notebooks alike. */
const verbOf = (
  kind: ResourceKind,
  names: string,
  description: string,
  load: () => Promise<{
    readonly effect?: CommandEffect;
    readonly defineFor: DefineFor;
    readonly examplesFor: ExamplesFor;
  }>,
): ListedVerb =>
  verb(names, description, async () => {
    const { defineFor, examplesFor, ...rest } = await load();
    return { ...rest, define: defineFor(kind), examples: examplesFor(kind) };
  });

const resourceGroup = (kind: ResourceKind): ListedGroup => {
  const one = kind === "app" ? `an ${kind}` : `a ${kind}`;
  return targetGroup(kind, `Manage ${kind}s`, [
    verbOf(kind, "list ls", `List ${kind}s`, () => import("./resource/list.ts")),
    verbOf(kind, "get", `Show ${one}`, () => import("./resource/get.ts")),
    verbOf(
      kind,
      "set-label",
      `Set or remove a label of ${one}`,
      () => import("./resource/set-label.ts"),
    ),
    verbOf(kind, "run", `Create and start ${one}`, () => import("./resource/run.ts")),
    verbOf(kind, "start", `Start a stopped ${kind}`, () => import("./resource/start.ts")),
    verbOf(kind, "stop", `Stop ${one}`, () => import("./resource/stop.ts")),
    verbOf(kind, "delete rm", `Delete ${kind}s`, () => import("./resource/delete.ts")),
  ]);
};

/** Puts commands under a heading of their parent's help page. */
const inGroup = (heading: string, ...members: readonly ListedCommand[]): readonly ListedCommand[] =>
  members.map((each) => ({ ...each, group: heading }));

/** All commands, in the order of help. */
export const commandList: readonly ListedCommand[] = [
  ...inGroup(
    "Tokens",
    targetGroup("token", "Manage access tokens", [
      verb("create set", "Create a token and print its secret", () => import("./token/create.ts")),
      verb("run", "Run a program with a temporary token", () => import("./token/run.ts")),
      verb("get", "Show a token", () => import("./token/get.ts")),
      verb("list ls", "List tokens", () => import("./token/list.ts")),
      verb("export", "Export tokens for other tools", () => import("./token/export/index.ts")),
      verb("rotate", "Replace tokens on a schedule", () => import("./token/rotate/index.ts")),
      verb("renew", "Replace the secret of a token", () => import("./token/renew/index.ts")),
      verb("delete rm revoke", "Delete tokens", () => import("./token/delete.ts")),
      verb("reach", "Show the resources that a token can access", () => import("./token/reach.ts")),
      verb(
        "check",
        "Check a token by its secret: validity, owner, roles",
        () => import("./token/check.ts"),
      ),
      verb("where", "Show which token a destination holds", () => import("./token/where.ts")),
      verb("roles", "Show the roles of a token, or all roles", () => import("./token/roles.ts")),
    ]),
    verb(
      "recover",
      "Recover interrupted create and renew operations",
      () => import("./recover/index.ts"),
    ),
  ),
  ...inGroup("Resources", ...resourceKinds.map(resourceGroup)),
  ...inGroup(
    "Account",
    usingTarget(
      verb(
        "whoami me",
        "Show the current credential and its permissions",
        () => import("./whoami.ts"),
      ),
    ),
    verb("login", "Sign in and save the credential in a profile", () => import("./login/index.ts")),
    verb("logout", "Sign out and delete the saved credential", () => import("./logout.ts")),
    group("profile", "Manage profiles", [
      verb("list ls", "List profiles", () => import("./profile/list.ts")),
      verb("use", "Set the current profile", () => import("./profile/use.ts")),
      verb(
        "show",
        "Show the settings in effect and their sources",
        () => import("./profile/show.ts"),
      ),
      verb("set", "Change a setting of a profile", () => import("./profile/set.ts")),
      verb("remove rm", "Remove a profile and its credential", () => import("./profile/remove.ts")),
      verb(
        "import",
        "Import profiles from ovhai, osmo and OVH tools",
        () => import("./profile/import.ts"),
      ),
    ]),
  ),
  ...inGroup(
    "Tools",
    group(
      "sandbox",
      "Emulate the APIs on this machine",
      [
        verb("serve", "Start the emulated APIs (default)", () => import("./sandbox/serve.ts")),
        verb("exec", "Run a command against a new sandbox", () => import("./sandbox/exec.ts")),
      ],
      "serve",
    ),
    verb("doctor", "Diagnose configuration and connectivity problems", () => import("./doctor.ts")),
    verb("completion", "Print or install shell completion", () => import("./completion.ts")),
    verb("explain", "Explain an error code", () => import("./explain.ts")),
    verb("help", "Show help for a command or a topic", () => import("./help.ts")),
  ),
];
