import { chmodSync, rmSync, statSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Keychain } from "../../src/host/host.ts";
import { createHome } from "../support/home.ts";
import type { RunOptions } from "../support/outcome.ts";

type Home = ReturnType<typeof createHome>;

/** A keychain of which every question fails with the same words. */
const failing = (message: string) => {
  const fail = () => Promise.reject(new Error(message));
  const keychain: Keychain = { get: fail, set: fail, delete: fail };
  return { keychain };
};
const missing = failing("no Secret Service");

/** Signed in by password, with an access token that has ended and a refresh token that is used once. */
async function createRefreshable() {
  const home = createHome();
  const { clientId, clientSecret, user, password } = home.sandbox.logins["ovh-ai"];
  home.write("client-secret", clientSecret);
  home.write("password", password);
  await home.run(
    `login ovh-ai ${home.url} --store keychain --client-id ${clientId} --client-secret-file ${home.path("client-secret")} --username ${user} --password-file ${home.path("password")}`,
  );
  home.advance(3600_000);
  return home;
}

/** A keychain that never answers. */
const silent: Keychain = (() => {
  const hang = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      const stop = () => reject(signal.reason);
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop);
    });
  return {
    get: (_, signal) => hang(signal),
    set: (_, _secret, signal) => hang(signal),
    delete: (_, signal) => hang(signal),
  };
})();

/** It is waited for, and three seconds are over at once. */
const hanging: RunOptions & { readonly keychain: Keychain } = {
  keychain: silent,
  deadline: (milliseconds) =>
    milliseconds === 3000
      ? AbortSignal.abort(new DOMException("late", "TimeoutError"))
      : new AbortController().signal,
};

const unusable: readonly [string, RunOptions & { readonly keychain: Keychain }, string][] = [
  ["missing", missing, "can't be used (no Secret Service)"],
  ["hanging", hanging, "did not answer within 3 seconds"],
];

const file = "credentials/ovh-ai.json";
const entryOf = (home: Home) => home.path(file);
const inFile = (home: Home) => JSON.parse(home.read(file));
const inKeychain = (home: Home) => JSON.parse(home.entries.get(entryOf(home)) ?? "null");
const pointerOf = (home: Home) => ({ store: "keychain", entry: entryOf(home) });
const bootstrapOf = (home: Home) => ({
  origin: home.origin,
  kind: "token",
  token: home.bootstrap,
});

describe("in the keychain", () => {
  test.each<[string, string, Record<string, string>]>([
    ["by option", "--store keychain", {}],
    ["by environment", "", { TOKCTL_CREDENTIAL_STORE: "keychain" }],
    ["by option first", "--store keychain", { TOKCTL_CREDENTIAL_STORE: "file" }],
    ["by environment beside -p", "-p ovh-ai", { TOKCTL_CREDENTIAL_STORE: "keychain" }],
  ])("login keeps the credential %s, and calls find it there", async (_, words, env) => {
    const home = createHome();
    const { code, stderr } = await home.login(words, { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(inKeychain(home)).toEqual(bootstrapOf(home));
    expect(inFile(home)).toEqual(pointerOf(home));
    expect(statSync(home.path(file)).mode & 0o777).toBe(0o600);
    expect((await home.run("whoami -q")).stdout).toBe("sandbox-operator\n");
  });

  test("import keeps it too", async () => {
    const home = createHome("ovh-cloud");
    home.write(
      "ovh.conf",
      "[default]\nendpoint=ovh-eu\n[ovh-eu]\napplication_key=key\napplication_secret=s3cr3t\nconsumer_key=c0nsumer\n",
    );
    await home.run(["profile", "import", home.path("ovh.conf"), "-y", "--store", "keychain"]);
    const path = home.path("credentials/ovh-eu.json");
    expect(JSON.parse(home.read("credentials/ovh-eu.json"))).toMatchObject({ entry: path });
    expect(JSON.parse(home.entries.get(path) ?? "")).toMatchObject({
      applicationSecret: "s3cr3t",
      consumerKey: "c0nsumer",
    });
  });

  test("it stays at the next login, until another place is named", async () => {
    const home = createHome();
    await home.login("--store keychain");
    home.entries.set(entryOf(home), "old");
    await home.login();
    expect(inKeychain(home)).toEqual(bootstrapOf(home));
    expect(inFile(home)).toEqual(pointerOf(home));
    await home.login("--store file");
    expect(inFile(home)).toEqual(bootstrapOf(home));
    expect(home.entries.size).toBe(0);
    await home.login("--store keychain");
    expect(inFile(home)).toEqual(pointerOf(home));
  });

  test("it is found by whatever name the folder goes", async () => {
    const home = createHome();
    await home.login("--store keychain");
    symlinkSync(home.path("."), home.path("link"));
    const env = { TOKCTL_CONFIG_DIR: home.path("link") };
    expect((await home.run("whoami", { env })).code).toBe(0);
    expect((await home.login("", { env })).code).toBe(0);
    expect([...home.entries.keys()]).toEqual([entryOf(home)]);
  });

  test("two folders have entries of their own", async () => {
    const home = createHome();
    await home.login("--store keychain");
    await home.login("--store keychain", { env: { TOKCTL_CONFIG_DIR: home.path("other") } });
    expect(home.entries.size).toBe(2);
  });

  test("profile show says that it is there, profile list does not ask", async () => {
    const home = createHome();
    await home.login("--store keychain");
    const rows = await home.json("profile show");
    expect(rows).toContainEqual({ key: "credential", value: "•••", source: "profile" });
    expect(rows).toContainEqual({ key: "store", value: "keychain", source: "profile" });
    expect(await home.json("profile list", failing("asked"))).toMatchObject([{ credential: true }]);
    // What a call does not use is not asked for, either.
    const byFlag = { ...failing("asked"), stdin: home.bootstrap };
    expect(await home.json("profile show --app-token-file -", byFlag)).toContainEqual({
      key: "store",
      value: null,
      source: null,
    });
  });

  test("a renewal of the credential in use takes the old one's place", async () => {
    const home = createHome();
    const { stdout } = await home.run("token create mine -r operator", {
      env: home.environment,
    });
    await home.login("--store keychain", { stdin: stdout });
    const renewed = await home.run("token renew mine");
    expect(renewed.code).toBe(0);
    expect(inKeychain(home)).toEqual({ ...bootstrapOf(home), token: renewed.stdout.trim() });
    expect(inFile(home)).toEqual(pointerOf(home));
    expect((await home.run("whoami -q")).stdout).toBe("mine\n");
  });

  test("what a refresh token is redeemed for takes the old one's place", async () => {
    const home = await createRefreshable();
    const { refreshToken } = inKeychain(home);
    expect((await home.run("token list")).code).toBe(0);
    expect(inKeychain(home).refreshToken).toMatch(/^(?!\s*$).+/);
    expect(inKeychain(home).refreshToken).not.toBe(refreshToken);
    expect(inFile(home)).toEqual(pointerOf(home));
  });

  test.each(["logout -p ovh-ai", "profile remove ovh-ai"])("%s removes it", async (line) => {
    const home = createHome();
    await home.login("--store keychain");
    expect((await home.run(line)).code).toBe(0);
    expect(home.entries.size).toBe(0);
    expect(home.files("credentials")).toEqual([]);
  });

  test("logout removes it though others can read what points at it", async () => {
    const home = createHome();
    await home.login("--store keychain");
    chmodSync(home.path(file), 0o644);
    expect((await home.run("whoami")).stderr).toContain("chmod 600");
    await home.run("logout");
    expect(home.entries.size).toBe(0);
  });

  test("nothing is left of it if nothing can point at it", async () => {
    const home = createHome();
    // Its folder is none once the login begins to write.
    const { code, stderr } = await home.login("--store keychain", {
      keychain: {
        ...missing.keychain,
        async set(entry, secret) {
          home.entries.set(entry, secret);
          rmSync(home.path("credentials"), { recursive: true });
          home.write("credentials", "no folder");
        },
        delete: async (entry) => home.entries.delete(entry),
      },
    });
    expect(code).toBe(2);
    expect(stderr).toContain("can't be written");
    expect(home.entries.size).toBe(0);
  });
});

describe("in a file", () => {
  test("a credential is kept unless somebody says otherwise, and the keychain is not asked", async () => {
    const home = createHome();
    const asked: string[] = [];
    const ask = (name: string) => async () => {
      asked.push(name);
      return undefined as never;
    };
    const keychain: Keychain = { get: ask("get"), set: ask("set"), delete: ask("delete") };
    await home.login("", { keychain, env: { TOKCTL_CREDENTIAL_STORE: "" } });
    await home.login("--store file", { keychain });
    for (const line of [
      "whoami",
      "profile list",
      "profile show",
      "logout",
      "profile remove ovh-ai",
    ])
      expect((await home.run(line, { keychain })).code).toBe(0);
    expect(asked).toEqual([]);
  });

  test("profile show says so", async () => {
    const home = createHome();
    await home.login();
    expect(await home.json("profile show")).toContainEqual({
      key: "store",
      value: "file",
      source: "profile",
    });
  });
});

describe("another place is exit 2, and nothing is sent:", () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ["--store vault", {}, /'vault' is invalid.*file, keychain/],
    [
      "",
      { TOKCTL_CREDENTIAL_STORE: "vault" },
      /TOKCTL_CREDENTIAL_STORE is "vault".*\n.*file, keychain/,
    ],
  ])("login %s %j", async (words, env, said) => {
    const home = createHome();
    const { code, stderr } = await home.login(words, { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(said);
    expect(home.requests).toEqual([]);
    expect(
      (await home.run("profile import", { env: { TOKCTL_CREDENTIAL_STORE: "vault" } })).code,
    ).toBe(2);
    expect(home.files(".")).toEqual([]);
  });
});

describe.each(unusable)("with a keychain that is %s", (_, options, reason) => {
  test.each(["", "-o json", "-q"])("login %s keeps a file, and says so", async (words) => {
    const home = createHome();
    const { code, stderr } = await home.login(`--store keychain ${words}`, options);
    expect(code).toBe(0);
    expect(stderr).toContain(`The keychain ${reason}`);
    expect(stderr).toContain(`goes to ${entryOf(home)} instead`);
    expect(stderr).not.toContain(home.bootstrap);
    expect(inFile(home)).toEqual(bootstrapOf(home));
    expect((await home.run("whoami", options)).code).toBe(0);
  });

  test("what it kept before is said to remain", async () => {
    const home = createHome();
    await home.login("--store keychain");
    const { code, stderr } = await home.login("", options);
    expect(code).toBe(0);
    expect(stderr).toContain(`its entry ${entryOf(home)} of tokctl, if it is there, remains`);
    expect(inFile(home)).toEqual(bootstrapOf(home));
  });

  test.each(["whoami", "token list -o json", "logout --revoke"])(
    "%s says that the credential is there, and sends nothing",
    async (line) => {
      const home = createHome();
      await home.login("--store keychain");
      const sent = home.requests.length;
      const { code, stdout, stderr } = await home.run(line, options);
      expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
      expect(stderr).toContain(`is in the keychain, which ${reason}`);
      expect(stderr).toContain("tokctl login -p ovh-ai --store file");
      expect(home.requests.length).toBe(sent);
      expect(inFile(home)).toEqual(pointerOf(home));
      expect(await home.json("profile show", options)).toContainEqual({
        key: "store",
        value: "keychain",
        source: "profile",
      });
    },
  );

  test.each(["logout -p ovh-ai -q", "profile remove ovh-ai -o json"])(
    "%s removes the file, and says that the entry remains",
    async (line) => {
      const home = createHome();
      await home.login("--store keychain");
      const { code, stderr } = await home.run(line, options);
      expect(code).toBe(0);
      expect(stderr).toContain(`The keychain ${reason}`);
      expect(stderr).toContain(`its entry ${entryOf(home)} of tokctl, if it is there, remains`);
      expect(home.files("credentials")).toEqual([]);
    },
  );

  test("a renewal of the credential in use goes to a file, and nobody is locked out", async () => {
    const home = createHome();
    const { stdout } = await home.run("token create mine -r operator", {
      env: home.environment,
    });
    await home.login("--store keychain", { stdin: stdout });
    // It hands the old one out, and is gone when it should take the new one.
    const old = home.entries.get(entryOf(home));
    const renewed = await home.run("token renew mine", {
      ...options,
      keychain: { ...options.keychain, get: async () => old },
    });
    expect(renewed.code).toBe(0);
    expect(renewed.stderr).toContain(`The keychain ${reason}`);
    expect(inFile(home)).toEqual({ ...bootstrapOf(home), token: renewed.stdout.trim() });
    expect((await home.run("whoami -q", options)).stdout).toBe("mine\n");
  });
});

test("what a refresh token is redeemed for is not lost with the keychain", async () => {
  const home = await createRefreshable();
  const keychain: Keychain = {
    ...missing.keychain,
    get: async (entry) => home.entries.get(entry),
  };
  const { code, stderr } = await home.run("token list -o json", { keychain });
  expect(code).toBe(0);
  expect(stderr).toContain(`goes to ${entryOf(home)} instead`);
  home.advance(3600_000);
  expect((await home.run("token list", missing)).code).toBe(0);
});

test("a keychain that hangs is waited for once", async () => {
  const home = createHome("ovh-cloud");
  const sections = ["eu", "ca", "us"].map(
    (place) =>
      `[ovh-${place}]\napplication_key=k\napplication_secret=s3cr3t\nconsumer_key=c0nsumer\n`,
  );
  home.write("ovh.conf", `[default]\nendpoint=ovh-eu\n${sections.join("")}`);
  let waits = 0;
  const { code, stderr } = await home.run(
    ["profile", "import", home.path("ovh.conf"), "-y", "--store", "keychain"],
    {
      ...hanging,
      deadline: (milliseconds) => {
        waits++;
        return hanging.deadline?.(milliseconds) ?? new AbortController().signal;
      },
    },
  );
  expect({ code, waits }).toEqual({ code: 0, waits: 1 });
  expect(stderr.match(/did not answer/g)).toHaveLength(3);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
])("%s ends the wait for the keychain", async (signal, code) => {
  const home = createHome();
  await home.login("--store keychain");
  const interrupt = new AbortController();
  const keychain: Keychain = {
    ...silent,
    get(entry, limit) {
      const answer = silent.get(entry, limit);
      interrupt.abort(signal);
      return answer;
    },
  };
  const sent = home.requests.length;
  const outcome = await home.run("whoami", { keychain, interrupt: interrupt.signal });
  expect(outcome.code).toBe(code);
  expect(outcome.stderr).toContain("Stopped while waiting for the keychain");
  expect(home.requests.length).toBe(sent);
});

test("an entry that is gone is exit 4, and says how to sign in", async () => {
  const home = createHome();
  await home.login("--store keychain");
  home.entries.clear();
  const { code, stderr } = await home.run("whoami");
  expect(code).toBe(4);
  expect(stderr).toContain('no credential for the profile "ovh-ai" any more');
  expect(stderr).toContain("tokctl login -p ovh-ai signs in anew");
  expect((await home.login()).code).toBe(0);
  expect((await home.run("whoami")).code).toBe(0);
});

test.each(["s3cr3t", "[]", '{"token":"s3cr3t"}'])("an entry of %j is not shown", async (text) => {
  const home = createHome();
  await home.login("--store keychain");
  home.entries.set(entryOf(home), text);
  const { code, stderr } = await home.run("whoami");
  expect(code).toBe(2);
  expect(stderr).toContain("The keychain's entry");
  expect(stderr).not.toContain("s3cr3t");
});

test("what points at the keychain and is broken is moved aside", async () => {
  const home = createHome();
  await home.login();
  home.write(file, '{"store":"keychain"}');
  expect((await home.run("whoami")).stderr).toContain('its "entry" is not as it should be');
  expect((await home.login("--store keychain")).stderr).toContain(`${file}.broken-`);
  expect(inFile(home)).toEqual(pointerOf(home));
});
