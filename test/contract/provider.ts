import { describe, expect, test } from "vitest";
import { providers } from "../../src/providers/index.ts";
import { createWorld, type World } from "../support/world.ts";

/** What the contract suite must know of a provider to drive it. */
export interface Subject {
  /** The id of the provider and of the API that emulates it. */
  readonly id: string;
  /** A role that a token can be given. */
  readonly role: string;
  /** What `token create` needs besides a name and a role. */
  readonly options?: string;
  /** Tokens are known by their ids alone. */
  readonly nameless?: boolean;
  /**
   * Whether a token's secret is good for what it opens, where that is not the API itself;
   * undefined where the sandbox does not emulate that.
   */
  readonly accepts?: (world: World, secret: string) => Promise<boolean | undefined>;
  /** Options of `token create` that the API can't serve, each with a value, and what the error names. */
  readonly unsupported: readonly (readonly [option: string, value: string])[];
}

const tokenKeys = [
  "id",
  "name",
  "roles",
  "labelSelector",
  "resource",
  "description",
  "owner",
  "region",
  "createdAt",
  "updatedAt",
  "expiresAt",
  "status",
  "version",
];
const errorKeys = ["code", "message", "hint", "exitCode", "requestId"];

/** What every provider does, seen from the command line. */
export function describeProvider(subject: Subject): void {
  const { id, role, options = "", nameless = false, unsupported } = subject;
  const opensItself = subject.accepts === undefined;
  const create = (name: string) =>
    `token create ${nameless ? "" : name} -r ${role} ${options}`.split(" ").filter(Boolean);
  const created = async () => {
    const world = createWorld(id);
    const token = await world.json(create("ci"));
    return { world, token, name: nameless ? token.id : "ci" };
  };
  const accepts =
    subject.accepts ??
    (async (world: World, secret: string) =>
      (await world.run(["whoami", "--app-token", secret])).code === 0);

  describe(`the provider ${id}`, () => {
    test("lists nothing as nothing in text and as [] for programs", async () => {
      const { run } = createWorld(id);
      expect(await run("token list")).toEqual({ code: 0, stdout: "", stderr: "" });
      expect(await run("token list -o json")).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
      expect(await run("token list -o yaml")).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
    });

    test("creates a token and prints its secret alone on stdout", async () => {
      const world = createWorld(id);
      const { code, stdout, stderr } = await world.run(create("ci"));
      expect(code).toBe(0);
      expect(stdout).toMatch(/^[!-~]{20,}\n$/);
      expect(stderr).toContain(nameless ? "Created token" : '"ci"');
      expect(stderr).toContain("only once");
      expect(stderr).not.toContain(stdout.trim());
      expect(await accepts(world, stdout.trim())).not.toBe(false);
    });

    if (opensItself)
      test("lets the new token say who it is", async () => {
        const { world, token } = await created();
        const identity = await world.json(["whoami", "--app-token", token.token]);
        expect(identity).toMatchObject({ provider: id, url: world.origin, roles: [role] });
      });

    test("gives programs every key, and the secret in create's and renew's answer alone", async () => {
      const { world, token, name } = await created();
      expect(Object.keys(token)).toEqual([...tokenKeys, "token"]);
      expect(token).toMatchObject({
        name: nameless ? null : "ci",
        roles: [role],
        status: "active",
      });
      const list = await world.json("token list");
      const { token: secret, ...rest } = token;
      expect(list).toEqual([rest]);
      expect(await world.json(["token", "get", name])).toEqual(rest);
      expect(await world.json(["token", "get", token.id])).toEqual(rest);
      const everything = await Promise.all(
        ["token list", "token list -o description", "token list -o yaml", `token get ${name}`].map(
          (line) => world.run(line),
        ),
      );
      expect(JSON.stringify(everything)).not.toContain(secret);
    });

    test("renews: the same token, a new secret, the old one refused", async () => {
      const { world, token, name } = await created();
      const renewed = await world.json(["token", "renew", name]);
      expect(Object.keys(renewed)).toEqual([...tokenKeys, "token"]);
      expect(renewed).toMatchObject({ id: token.id, name: token.name, roles: [role] });
      expect(renewed.token).not.toBe(token.token);
      expect(await accepts(world, token.token)).not.toBe(true);
      expect(await accepts(world, renewed.token)).not.toBe(false);
      expect(await world.json("token list")).toHaveLength(1);
    });

    test("deletes: the secret is refused, and a second time there is nothing to delete", async () => {
      const { world, token, name } = await created();
      const { code, stdout } = await world.run(["token", "delete", name]);
      expect(code).toBe(0);
      expect(stdout.startsWith(`deleted ${name}`)).toBe(true);
      expect(await accepts(world, token.token)).not.toBe(true);
      expect((await world.run(["token", "delete", name])).code).toBe(3);
      expect(await world.json(["token", "delete", name, "--missing-ok"])).toEqual([
        { id: null, name, deleted: false },
      ]);
    });

    test("tries to delete every token, and says with 9 that some are left", async () => {
      const { world, token, name } = await created();
      const { code, stdout, stderr } = await world.run(`token rm nosuch ${name} -y -o json`);
      expect(code).toBe(9);
      expect(JSON.parse(stdout)).toEqual([
        {
          id: null,
          name: "nosuch",
          deleted: false,
          error: expect.objectContaining({ code: "not_found", exitCode: 3 }),
        },
        { id: token.id, name: token.name, deleted: true },
      ]);
      expect(JSON.parse(stderr).error).toMatchObject({ code: "partial", exitCode: 9 });
      expect(await world.json("token list")).toEqual([]);
    });

    test("shows a token's roles, and offline those there are", async () => {
      const { world, token, name } = await created();
      const assigned = await world.json(["token", "roles", name]);
      expect(Object.keys(assigned)).toEqual(["id", "name", "owner", "roles"]);
      expect(assigned).toMatchObject({ id: token.id, name: token.name });
      expect(assigned.roles.map(({ name }: { name: string }) => name)).toEqual([role]);
      expect(Object.keys(assigned.roles[0])).toEqual(["name", "assignedBy", "assignedAt"]);
      const sent = world.requests.length;
      const known = await world.json("token roles", {
        env: { TOKCTL_URL: "", TOKCTL_APP_TOKEN: "" },
      });
      expect(known.map(({ name }: { name: string }) => name)).toContain(role);
      expect(Object.keys(known[0])).toEqual(["name", "description", "deprecated"]);
      expect(world.requests).toHaveLength(sent);
    });

    test("says who the credential is", async () => {
      const identity = await createWorld(id).json("me");
      expect(Object.keys(identity)).toEqual([
        "provider",
        "url",
        "name",
        "kind",
        "roles",
        "project",
        "owner",
        "pools",
        "defaultPool",
        "tokenName",
        "expiresAt",
      ]);
    });

    test.each(["token list", "token get ci", "token renew ci", "token delete ci", "whoami"])(
      "ends `%s` with 4 for a wrong credential, and tells programs in json",
      async (line) => {
        const { code, stdout, stderr } = await createWorld(id).run(`${line} -o json --token wrong`);
        expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
        const { error } = JSON.parse(stderr);
        expect(Object.keys(error)).toEqual(errorKeys);
        expect(error).toMatchObject({ code: "unauthenticated", exitCode: 4 });
      },
    );

    test.each(unsupported)("refuses %s before anything is sent", async (option, value) => {
      const { run, requests } = createWorld(id);
      const { code, stdout, stderr } = await run([...create("ci"), option, value]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(option);
      expect(requests).toEqual([]);
    });

    test("says of an unknown token that it is not there", async () => {
      const { code, stdout, stderr } = await createWorld(id).run("token get nosuch");
      expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
      expect(stderr).toContain('"nosuch"');
    });

    test("filters, sorts and limits its list", async () => {
      const world = createWorld(id);
      const ids = [];
      for (const name of ["beta", "alpha", "gamma"]) ids.push((await world.json(create(name))).id);
      const listed = async (line: string) =>
        (await world.json(line)).map((token: { id: string }) => token.id);
      const [beta, alpha, gamma] = ids;
      const key = nameless ? "created" : "name";
      const sorted = nameless ? [beta, alpha, gamma] : [alpha, beta, gamma];
      expect(await listed(`token list --sort ${key}`)).toEqual(sorted);
      expect(await listed(`token list --sort -${key}`)).toEqual(sorted.toReversed());
      expect(await listed(`token ls --sort ${key} --limit 2`)).toEqual(sorted.slice(0, 2));
      expect(await listed(`token list --role ${role}`)).toHaveLength(3);
      const { stdout } = await world.run(`token list -q --sort=-${key}`);
      expect(stdout).toBe(`${sorted.toReversed().join("\n")}\n`);
    });

    test("refuses to filter and sort by what its tokens don't have, before anything is sent", async () => {
      const provider = providers.find((each) => each.id === id);
      if (!provider) throw new Error(`there is no provider ${id}`);
      const { expiry, names, creationTimes } = provider.supports;
      for (const [has, line] of [
        [expiry, "--status expired"],
        [expiry, "--status active"],
        [expiry, "--expiring-within 14d"],
        [expiry, "--sort expires"],
        [expiry, "--sort -expires"],
        [names, "--sort name"],
        [creationTimes, "--sort created"],
        [creationTimes, "--sort -created"],
        [false, "--expiring-within 14d --status expired"],
      ] as const) {
        const world = createWorld(id);
        expect([line, (await world.run(`token list ${line}`)).code]).toEqual([line, has ? 0 : 2]);
        expect(world.requests.length > 0).toBe(has);
      }
    });
  });
}
