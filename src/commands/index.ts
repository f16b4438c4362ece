import type { Definition } from "../cli/command.ts";
import { type ResourceKind, resourceKinds } from "../core/resource.ts";
import type { DefineFor, ExamplesFor } from "./resource/open.ts";

/** A command as its parent's help shows it. The first of its names is its own, the others are aliases. */
interface Named {
  readonly names: readonly [string, ...string[]];
  readonly description: string;
}

/** A command that does something. What it takes and does is loaded when it is named. */
interface Verb extends Named {
  readonly load: () => Promise<Definition>;
}

/** Commands under one word; without another word it shows its help, or runs `standard`. */
interface Group extends Named {
  readonly entries: readonly Entry[];
  readonly standard?: string;
}

/** A command, or several under one word. */
export type Entry = Verb | Group;

const verb = (names: string, description: string, load: Verb["load"]): Verb => ({
  names: names.split(" ") as [string],
  description,
  load,
});

const group = (
  name: string,
  description: string,
  entries: readonly Entry[],
  standard?: string,
): Group => ({ names: [name], description, entries, ...(standard && { standard }) });

/** A command that is the same for apps, jobs and notebooks. */
const verbOf = (
  kind: ResourceKind,
  names: string,
  description: string,
  load: () => Promise<{ readonly defineFor: DefineFor; readonly examplesFor: ExamplesFor }>,
): Verb =>
  verb(names, description, async () => {
    const { defineFor, examplesFor } = await load();
    return { define: defineFor(kind), examples: examplesFor(kind) };
  });

const resourceGroup = (kind: ResourceKind): Group => {
  const one = kind === "app" ? `an ${kind}` : `a ${kind}`;
  return group(kind, `See and manage ${kind}s, which tokens open`, [
    verbOf(kind, "list ls", `List ${kind}s`, () => import("./resource/list.ts")),
    verbOf(kind, "get", `Show ${one}, its labels first`, () => import("./resource/get.ts")),
    verbOf(
      kind,
      "set-label",
      `Set a label of ${one}, or take it away`,
      () => import("./resource/set-label.ts"),
    ),
    verbOf(kind, "run", `Make and start ${one}`, () => import("./resource/run.ts")),
    verbOf(kind, "start", `Start ${one} again`, () => import("./resource/start.ts")),
    verbOf(kind, "stop", `Stop ${one}`, () => import("./resource/stop.ts")),
    verbOf(kind, "delete rm", `Delete ${kind}s`, () => import("./resource/delete.ts")),
  ]);
};

/** Every command there is. */
export const entries: readonly Entry[] = [
  group("token", "Manage access tokens", [
    verb(
      "create set",
      "Create a token and print its secret, once",
      () => import("./token/create.ts"),
    ),
    verb("get", "Show one token", () => import("./token/get.ts")),
    verb("list ls", "List tokens", () => import("./token/list.ts")),
    verb(
      "renew",
      "Give a token a new secret; the old one stops working",
      () => import("./token/renew.ts"),
    ),
    verb(
      "delete rm revoke",
      "Delete tokens (also: revoke); their secrets stop working",
      () => import("./token/delete.ts"),
    ),
    verb(
      "reach",
      "Show what a token opens, or what a label selector would",
      () => import("./token/reach.ts"),
    ),
    verb(
      "check",
      "Say what a token is worth, of which only the secret is known",
      () => import("./token/check.ts"),
    ),
    verb(
      "roles",
      "Show a token's roles, or without one the roles there are",
      () => import("./token/roles.ts"),
    ),
  ]),
  verb("recover", "Finish creates and renews that were cut off", () => import("./recover.ts")),
  ...resourceKinds.map(resourceGroup),
  verb("whoami me", "Show who the credential is, and what it may do", () => import("./whoami.ts")),
  verb(
    "login",
    "Sign in: make a profile, current from then on, and keep its credential",
    () => import("./login.ts"),
  ),
  verb("logout", "Forget the credential of a profile", () => import("./logout.ts")),
  group("profile", "Keep several places side by side", [
    verb("list ls", "List the profiles", () => import("./profile/list.ts")),
    verb("use", "Make a profile the current one", () => import("./profile/use.ts")),
    verb(
      "show",
      "Show what a call would use, and where each setting comes from",
      () => import("./profile/show.ts"),
    ),
    verb(
      "set",
      "Change a setting of a profile (the current one, or -p NAME)",
      () => import("./profile/set.ts"),
    ),
    verb(
      "remove rm",
      "Remove a profile and the credential that is kept for it",
      () => import("./profile/remove.ts"),
    ),
    verb(
      "import",
      "Make profiles of what the platforms' own tools keep",
      () => import("./profile/import.ts"),
    ),
  ]),
  group(
    "sandbox",
    "Emulate the APIs on this machine",
    [
      verb(
        "serve",
        "Serve the APIs on this machine until it is stopped",
        () => import("./sandbox/serve.ts"),
      ),
      verb(
        "exec",
        "Run a command against a fresh sandbox, set up for it",
        () => import("./sandbox/exec.ts"),
      ),
    ],
    "serve",
  ),
  verb(
    "doctor",
    "Look at everything between here and the API, and say what to mend",
    () => import("./doctor.ts"),
  ),
  verb(
    "completion",
    "Print what makes a shell complete tokctl on TAB, or install it",
    () => import("./completion.ts"),
  ),
  verb("explain", "Say what an error's code means, and what to do", () => import("./explain.ts")),
  verb("help", "Show the help of a command, or a page", () => import("./help.ts")),
];
