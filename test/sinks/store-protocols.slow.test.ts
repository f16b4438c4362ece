import { describe, expect, test } from "vitest";
import { parseRecord } from "../../src/sinks/token-record.ts";
import { errorOf } from "../support/error-of.ts";
import { installGlab } from "../support/glab.ts";
import { createPlaces, type Places } from "../support/places.ts";
import { installStub } from "../support/tool-stub.ts";

/** vault or bao, with a KV version 2 engine at `secret/`. */
const installVault = (places: Places, program = "vault") =>
  installStub(places, program, (line, stdin, state) => {
    if (line === "version") return { stdout: "v1.18.0\n" };
    if (line.startsWith("read -format=json sys/internal/ui/mounts/"))
      return line.includes("/mounts/secret/")
        ? {
            stdout: JSON.stringify({
              data: { path: "secret/", options: { version: state["version"] ?? "2" } },
            }),
          }
        : {
            code: 2,
            stderr:
              "Error reading sys/internal/ui/mounts: Error making API request.\n\nCode: 403. Errors:\n\n* preflight capability check returned 403",
          };
    if (line === "token capabilities -format=json secret/data/team/ci")
      return { stdout: state["capabilities"] ?? '["create","patch","read"]' };
    if (line.startsWith("kv get -field=")) {
      const [, field = ""] = /-field=(\S+)/.exec(line) ?? [];
      const found = state[field];
      return found === undefined
        ? { code: 1, stderr: `Field "${field}" not present in secret\n` }
        : { stdout: found };
    }
    if (line.startsWith("kv patch") && state["exists"] !== "yes")
      return { code: 2, stderr: "No value found at secret/data/team/ci\n" };
    state["exists"] = "yes";
    state["TOKEN"] = stdin;
    state["TOKEN_tokctl"] = /TOKEN_tokctl=(.*) TOKEN=-$/.exec(line)?.[1] ?? "";
    return { stdout: "Success!" };
  });

/** gcloud, with the secret `ci`. */
const installGcloud = (places: Places) =>
  installStub(places, "gcloud", (line, stdin, state) => {
    if (!line.includes(" ci "))
      return { code: 1, stderr: "ERROR: (gcloud.secrets.describe) NOT_FOUND: Secret not found.\n" };
    if (line.startsWith("secrets describe"))
      return {
        stdout: JSON.stringify({
          name: "projects/1/secrets/ci",
          ...(state["record"] && { annotations: { tokctl: state["record"], other: "x" } }),
        }),
      };
    if (line.startsWith("secrets update"))
      state["record"] = /--update-annotations=\^;\^tokctl=(.*) --quiet$/.exec(line)?.[1] ?? "";
    if (!line.startsWith("secrets versions add")) return {};
    if (state["failing"])
      return { code: 1, stderr: "ERROR: (gcloud.secrets.versions.add) PERMISSION_DENIED: no.\n" };
    state["secret"] = stdin;
    return { stderr: "Created version [1] of the secret [ci].\n" };
  });

/** az, with the versions of one secret. */
const installAz = (places: Places) =>
  installStub(places, "az", (line, stdin, state) => {
    if (!line.includes("--vault-name team-vault"))
      return { code: 1, stderr: "ERROR: Failed to establish a new connection: team-vault\n" };
    const versions = JSON.parse(state["versions"] ?? "[]");
    if (line.includes("list-versions")) return { stdout: JSON.stringify(versions) };
    const created = new Date(Date.UTC(2026, 0, versions.length + 1)).toISOString();
    const tags = Object.fromEntries(
      (/--tags (.*)$/.exec(line)?.[1] ?? "")
        .split(/ (?=(?:tokctl|owner)=)/)
        .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
    );
    state["versions"] = JSON.stringify([
      ...versions,
      { attributes: { created, enabled: true }, tags },
    ]);
    state["secret"] = stdin;
    return {};
  });

const record = { name: "ci", deliveredAt: "2026-11-23T12:00:00Z" };

describe.each([
  {
    kind: "gitlab-variable",
    to: "gitlab-variable:group/app#TOKEN",
    install: installGlab,
    secret: "TOKEN",
    record: "TOKEN_TOKCTL",
  },
  {
    kind: "vault",
    to: "vault:secret/team/ci#TOKEN",
    install: installVault,
    secret: "TOKEN",
    record: "TOKEN_tokctl",
  },
  {
    kind: "gcp-secret",
    to: "gcp-secret:ci",
    install: installGcloud,
    secret: "secret",
    record: "record",
  },
  {
    kind: "azure-secret",
    to: "azure-secret:team-vault/ci",
    install: installAz,
    secret: "secret",
    record: "versions",
  },
])("$kind", ({ to, install, ...names }) => {
  const recordIn = (state: Readonly<Record<string, string>>) => {
    const text = state[names.record] ?? "";
    return parseRecord(text.startsWith("[") ? JSON.parse(text).at(-1).tags.tokctl : text);
  };

  test("gets the secret on stdin and records the token, also after a renewal", async () => {
    const places = createPlaces();
    const stub = install(places);
    expect(await places.create([to], stub.options)).toMatchObject({ code: 0 });
    const { id } = await places.json("token get ci");
    const secret = stub.state()[names.secret] ?? "";
    expect(await places.owner(secret)).toBe("ci");
    expect(recordIn(stub.state())).toEqual({ id, ...record });
    for (const { args, env } of stub.calls()) {
      expect(args.join(" ")).not.toContain(secret);
      expect(JSON.stringify(env)).not.toContain(secret);
    }
    places.advance(60_000);
    expect(await places.renew([to], stub.options)).toMatchObject({ code: 0 });
    expect(await places.owner(stub.state()[names.secret] ?? "")).toBe("ci");
    expect(recordIn(stub.state())).toEqual({ id, ...record, deliveredAt: "2026-11-23T12:01:00Z" });
  });

  test("is refused before a token is created if its tool is missing", async () => {
    const places = createPlaces();
    const { code, stderr } = await places.create([to], { env: { PATH: places.at("") } });
    expect(code).toBe(2);
    expect(errorOf({ stderr }).hint).toMatch(/Install .*https:/);
    expect(places.requests).toEqual([]);
  });
});

test.each([
  {
    install: installGlab,
    to: "gitlab-variable:group/none#A",
    message: /404 Project/,
    hint: /Maintainer/,
  },
  { install: installVault, to: "vault:kv/x#A", message: /Code: 403/, hint: /vault login/ },
  { install: installGcloud, to: "gcp-secret:none", message: /NOT_FOUND/, hint: /secrets create/ },
  {
    install: installAz,
    to: "azure-secret:no-vault/x",
    message: /connection/,
    hint: /keyvault list/,
  },
])("$to is refused with the message of its tool", async ({ install, to, message, hint }) => {
  const places = createPlaces();
  const outcome = await places.create([to], install(places).options);
  expect(outcome.code).toBe(2);
  expect(errorOf(outcome)).toMatchObject({
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });
  expect(places.requests).toEqual([]);
});

test("the record names both tokens if the store may have the new secret", async () => {
  const places = createPlaces();
  const stub = installGcloud(places);
  await places.create(["gcp-secret:ci"], stub.options);
  const { id: old } = await places.json("token get ci");
  stub.set({ ...stub.state(), failing: "yes" });
  const { code, stderr } = await places.create(["gcp-secret:ci"], stub.options);
  expect(code).toBe(9);
  expect(errorOf({ stderr }).hint).toMatch(/PERMISSION_DENIED/);
  expect(parseRecord(stub.state()["record"] ?? "")?.previousIds).toEqual([old]);
  expect(stub.state()["secret"]).toMatch(/^\S{64}$/);
  stub.set({ ...stub.state(), failing: "" });
  expect(await places.renew(["gcp-secret:ci"], stub.options)).toMatchObject({ code: 0 });
  expect(parseRecord(stub.state()["record"] ?? "")).toEqual({ id: old, ...record });
});

test("a store that fails after another got the secret is reported, and a renewal repairs it", async () => {
  const places = createPlaces();
  const { options } = installVault(places);
  const glab = installGlab(places);
  glab.set({ failing: "TOKEN" });
  const to = ["vault:secret/team/ci#TOKEN", "gitlab-variable:group/app#TOKEN"];
  const { code, stdout, stderr } = await places.create(to, options, ["-o", "json"]);
  expect(code).toBe(9);
  expect(JSON.parse(stdout).deliveries).toMatchObject([
    { to: to[0], delivered: true },
    { to: to[1], delivered: false },
  ]);
  const { id } = await places.json("token get ci");
  expect(errorOf({ stderr }).hint).toContain(`tokctl token renew ${id} --to`);
  glab.set({});
  expect(await places.renew(to, options)).toMatchObject({ code: 0 });
  expect(await places.owner(glab.state()["TOKEN"] ?? "")).toBe("ci");
});

test("gitlab-variable masks a new variable, and changes only the value of an existing one", async () => {
  const places = createPlaces();
  const { options, calls, set } = installGlab(places);
  await places.create(["gitlab-variable:group/app#TOKEN"], options);
  const sent = () =>
    calls()
      .filter(({ args }) => args.includes("POST") || args.includes("PUT"))
      .map(({ args, stdin }) => [args[3], Object.keys(JSON.parse(stdin)).join()]);
  expect(sent()).toContainEqual(["POST", "key,value,masked,raw"]);
  set({ TOKEN: "old", TOKEN_TOKCTL: "" });
  await places.renew(["gitlab-variable:group/app#TOKEN"], options);
  expect(sent().slice(-3)).toEqual([
    ["PUT", "value"],
    ["PUT", "value"],
    ["PUT", "value"],
  ]);
});

test("azure-secret keeps the other tags", async () => {
  const places = createPlaces();
  const stub = installAz(places);
  const version = { attributes: { created: "2025-01-01T00:00:00Z", enabled: true } };
  stub.set({ versions: JSON.stringify([{ ...version, tags: { owner: "team" } }]) });
  await places.create(["azure-secret:team-vault/ci"], stub.options);
  expect(JSON.parse(stub.state()["versions"] ?? "").at(-1).tags).toMatchObject({ owner: "team" });
});

describe("vault", () => {
  test("uses bao if there is no vault", async () => {
    const places = createPlaces();
    const { state } = installVault(places, "bao");
    const PATH = `${places.at("")}:/usr/bin:/bin`;
    await places.create(["vault:secret/team/ci#TOKEN"], { env: { PATH } });
    expect(await places.owner(state()["TOKEN"] ?? "")).toBe("ci");
  });

  test.each([
    { state: { version: "1" }, message: "KV version 2" },
    { state: { capabilities: '["deny"]' }, message: "deny" },
  ])("is refused: $state", async ({ state, message }) => {
    const places = createPlaces();
    const stub = installVault(places);
    stub.set(state);
    const outcome = await places.create(["vault:secret/team/ci#TOKEN"], stub.options);
    expect(outcome.code).toBe(2);
    expect(errorOf(outcome).message).toContain(message);
    expect(places.requests).toEqual([]);
  });
});
