import { describe, expect, test } from "vitest";
import { createWorld } from "../support/world.ts";

/** What the contract suite must know of a provider to drive it. */
export interface Subject {
  /** The id of the provider and of the API that emulates it. */
  readonly id: string;
  /** A role that a token can be given. */
  readonly role: string;
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
export function describeProvider({ id, role, unsupported }: Subject): void {
  const created = async () => {
    const world = createWorld(id);
    const token = await world.json(`token create ci -r ${role}`);
    return { world, token };
  };

  describe(`the provider ${id}`, () => {
    test("lists nothing as nothing in text and as [] for programs", async () => {
      const { run } = createWorld(id);
      expect(await run("token list")).toEqual({ code: 0, stdout: "", stderr: "" });
      expect(await run("token list -o json")).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
      expect(await run("token list -o yaml")).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
    });

    test("creates a token and prints its secret alone on stdout", async () => {
      const world = createWorld(id);
      const { code, stdout, stderr } = await world.run(`token create ci -r ${role}`);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^[!-~]{20,}\n$/);
      expect(stderr).toContain('"ci"');
      expect(stderr).toContain("only once");
      expect(stderr).not.toContain(stdout.trim());
      const identity = await world.json(["whoami", "--app-token", stdout.trim()]);
      expect(identity).toMatchObject({ provider: id, url: world.origin, roles: [role] });
    });

    test("gives programs every key, and the secret in create's and renew's answer alone", async () => {
      const { world, token } = await created();
      expect(Object.keys(token)).toEqual([...tokenKeys, "token"]);
      expect(token).toMatchObject({ name: "ci", roles: [role], status: "active" });
      const list = await world.json("token list");
      const { token: secret, ...rest } = token;
      expect(list).toEqual([rest]);
      expect(await world.json("token get ci")).toEqual(rest);
      expect(await world.json(["token", "get", token.id])).toEqual(rest);
      const everything = await Promise.all(
        ["token list", "token list -o description", "token list -o yaml", "token get ci"].map(
          (line) => world.run(line),
        ),
      );
      expect(JSON.stringify(everything)).not.toContain(secret);
    });

    test("renews: the same token, a new secret, the old one refused", async () => {
      const { world, token } = await created();
      const renewed = await world.json("token renew ci");
      expect(Object.keys(renewed)).toEqual([...tokenKeys, "token"]);
      expect(renewed).toMatchObject({ id: token.id, name: "ci", roles: [role] });
      expect(renewed.token).not.toBe(token.token);
      expect((await world.run(["whoami", "--app-token", token.token])).code).toBe(4);
      expect((await world.run(["whoami", "--app-token", renewed.token])).code).toBe(0);
      expect(await world.json("token list")).toHaveLength(1);
    });

    test("deletes: the secret is refused, and a second time there is nothing to delete", async () => {
      const { world, token } = await created();
      const { code, stdout } = await world.run("token delete ci");
      expect({ code, stdout: stdout.startsWith("deleted ci") }).toEqual({ code: 0, stdout: true });
      expect((await world.run(["whoami", "--app-token", token.token])).code).toBe(4);
      expect((await world.run("token delete ci")).code).toBe(3);
      expect(await world.json("token delete ci --missing-ok")).toEqual([
        { id: null, name: "ci", deleted: false },
      ]);
    });

    test("tries to delete every token, and says with 9 that some are left", async () => {
      const { world, token } = await created();
      const { code, stdout, stderr } = await world.run("token rm nosuch ci -o json");
      expect(code).toBe(9);
      expect(JSON.parse(stdout)).toEqual([
        {
          id: null,
          name: "nosuch",
          deleted: false,
          error: expect.objectContaining({ code: "not_found", exitCode: 3 }),
        },
        { id: token.id, name: "ci", deleted: true },
      ]);
      expect(JSON.parse(stderr).error).toMatchObject({ code: "partial", exitCode: 9 });
      expect(await world.json("token list")).toEqual([]);
    });

    test("shows a token's roles, and offline those there are", async () => {
      const { world, token } = await created();
      const assigned = await world.json("token roles ci");
      expect(Object.keys(assigned)).toEqual(["id", "name", "owner", "roles"]);
      expect(assigned).toMatchObject({ id: token.id, name: "ci" });
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
      const { code, stdout, stderr } = await run([
        ...`token create ci -r ${role}`.split(" "),
        option,
        value,
      ]);
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
      for (const name of ["beta", "alpha", "gamma"])
        await world.json(`token create ${name} -r ${role}`);
      const names = async (line: string) =>
        (await world.json(line)).map(({ name }: { name: string }) => name);
      expect(await names("token list --sort name")).toEqual(["alpha", "beta", "gamma"]);
      expect(await names("token ls --sort name --limit 2")).toEqual(["alpha", "beta"]);
      expect(await names(`token list --role ${role} --status active`)).toHaveLength(3);
      expect(await names("token list --status expired")).toEqual([]);
      expect((await world.run("token list -q --sort name")).stdout.split("\n")).toHaveLength(4);
    });
  });
}
