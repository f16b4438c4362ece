import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { providers } from "../../src/providers/index.ts";
import { errorOf } from "../support/error-of.ts";
import { createVictim, cut } from "../support/lost-answers.ts";
import { createWorld, type World } from "../support/world.ts";

/** The provider-specific parameters of the contract tests. */
export interface Subject {
  /** The id of the provider and of its API in the sandbox. */
  readonly id: string;
  /** A role that a token can have. */
  readonly role: string;
  /** Options that `token create` requires in addition to name and role. */
  readonly options?: string;
  /** Tokens have an id and no name. */
  readonly nameless?: boolean;
  /**
   * Returns whether a secret is valid for the service behind the API, if it is not for the API
   * itself; undefined if the sandbox does not emulate that service.
   */
  readonly accepts?: (world: World, secret: string) => Promise<boolean | undefined>;
  /** Options of `token create` that the API does not support, each with a value. */
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
  "expiryEnforcedBy",
  "status",
  "version",
];
const errorKeys = ["code", "message", "hint", "exitCode", "requestId"];

/** Runs the tests that every provider must pass. */
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
    test("prints an empty list as nothing in text and as [] in JSON and YAML", async () => {
      const { run } = createWorld(id);
      expect(await run("token list")).toEqual({ code: 0, stdout: "", stderr: "" });
      expect(await run("token list -o json")).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
      expect(await run("token list -o yaml")).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
    });

    test("creates a token and prints only its secret on stdout", async () => {
      const world = createWorld(id);
      const { code, stdout, stderr } = await world.run(create("ci"));
      expect(code).toBe(0);
      expect(stdout).toMatch(/^[!-~]{20,}\n$/);
      if (!nameless) expect(stderr).toContain('"ci"');
      expect(stderr).not.toContain(stdout.trim());
      expect(await accepts(world, stdout.trim())).not.toBe(false);
    });

    if (opensItself)
      test("accepts the new token as the credential of whoami", async () => {
        const { world, token } = await created();
        const identity = await world.json(["whoami", "--app-token", token.token]);
        expect(identity).toMatchObject({ provider: id, url: world.origin, roles: [role] });
      });

    test("prints every key in JSON, and the secret only after create and renew", async () => {
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

    test("deletes the new token if the connection is reset after the create was sent", async () => {
      const { run, losing, json, journal } = createVictim(id);
      const lost = await run([...create("ci"), "-o", "json"], { fetch: losing() });
      expect(lost).toMatchObject({ code: 8, stdout: "" });
      expect(errorOf(lost).code).toBe("network");
      expect(await json("token list")).toEqual([]);
      expect(journal()).toEqual([]);
    });

    test("keeps a journal entry if the API stays unreachable after a lost create, for recover", async () => {
      const { run, json, journal, sandbox } = createVictim(id);
      let isReset = false;
      const fetch: Fetch = async (url, init) => {
        if (isReset) cut();
        const reply = await sandbox.request(url, init);
        if (init.method !== "POST" || url.includes("/jwt/")) return reply;
        isReset = true;
        return cut();
      };
      const process = { id: 7, machine: "here" };
      const lost = await run([...create("ci"), "-o", "json"], { fetch, process });
      expect(lost).toMatchObject({ code: 10, stdout: "" });
      expect(errorOf(lost).code).toBe("outcome_unknown");
      expect(journal()).toHaveLength(1);
      expect(await json("token list")).toHaveLength(1);
      expect((await run("recover --on-lost revoke")).code).toBe(0);
      expect(await json("token list")).toEqual([]);
      expect(journal()).toEqual([]);
    });

    test("renews a token: same id, new secret, old secret rejected", async () => {
      const { world, token, name } = await created();
      const renewed = await world.json(["token", "renew", name]);
      expect(Object.keys(renewed)).toEqual([...tokenKeys, "token"]);
      expect(renewed).toMatchObject({ id: token.id, name: token.name, roles: [role] });
      expect(renewed.token).not.toBe(token.token);
      expect(await accepts(world, token.token)).not.toBe(true);
      expect(await accepts(world, renewed.token)).not.toBe(false);
      expect(await world.json("token list")).toHaveLength(1);
    });

    test("deletes a token: secret rejected, second delete exits with 3", async () => {
      const { world, token, name } = await created();
      const { code, stdout } = await world.run(["token", "delete", name]);
      expect(code).toBe(0);
      expect(stdout).toContain(`"${name}"`);
      expect(await accepts(world, token.token)).not.toBe(true);
      expect((await world.run(["token", "delete", name])).code).toBe(3);
      expect(await world.json(["token", "delete", name, "--missing-ok"])).toEqual([
        { id: null, name, deleted: false },
      ]);
    });

    test("deletes the other tokens if one fails, and exits with 9", async () => {
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

    test("shows the roles of a token, and lists all roles offline", async () => {
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

    test("prints every key of whoami in JSON", async () => {
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
        "expiryEnforcedBy",
        "profile",
        "credentialSource",
        "credentialName",
      ]);
    });

    test.each(["token list", "token get ci", "token renew ci", "token delete ci", "whoami"])(
      "ends `%s` with 4 for an invalid credential, with the error in JSON",
      async (line) => {
        const { code, stdout, stderr } = await createWorld(id).run(`${line} -o json --token wrong`);
        expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
        const { error } = JSON.parse(stderr);
        expect(Object.keys(error)).toEqual(errorKeys);
        expect(error).toMatchObject({ code: "unauthenticated", exitCode: 4 });
      },
    );

    test.each(unsupported)("rejects %s before anything is sent", async (option, value) => {
      const { run, requests } = createWorld(id);
      const { code, stdout, stderr } = await run([...create("ci"), option, value]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(errorOf({ stderr })).toMatchObject({
        code: "usage",
        message: expect.stringContaining(option),
      });
      expect(requests).toEqual([]);
    });

    test("reports an unknown token as not_found, with its name", async () => {
      const { code, stdout, stderr } = await createWorld(id).run("token get nosuch");
      expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
      expect(errorOf({ stderr })).toMatchObject({
        code: "not_found",
        message: expect.stringContaining("nosuch"),
      });
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

    test("rejects filters and sort keys that it does not support, before anything is sent", async () => {
      const provider = providers.find((each) => each.id === id);
      if (!provider) throw new Error(`there is no provider ${id}`);
      const { expiryDates, names, creationTimes } = provider.supports;
      for (const [has, line] of [
        [expiryDates, "--status expired"],
        [expiryDates, "--status active"],
        [expiryDates, "--expiring-within 14d"],
        [expiryDates, "--sort expires"],
        [expiryDates, "--sort -expires"],
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
