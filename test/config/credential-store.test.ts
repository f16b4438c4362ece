import { chmodSync, rmSync, statSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Keychain } from "../../src/host.ts";
import { errorOf } from "../support/error-of.ts";
import { createHome } from "../support/home.ts";
import type { RunOptions } from "../support/outcome.ts";

type Home = ReturnType<typeof createHome>;

/** A keychain that fails every call with the same message. */
const failing = (message: string) => {
  const fail = () => Promise.reject(new Error(message));
  const keychain: Keychain = { get: fail, set: fail, delete: fail };
  return { keychain };
};
const missing = failing("no Secret Service");

/** Signed in by password, with an expired access token and a single-use refresh token. */
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

/** A keychain that never responds. */
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

/** The time limit of three seconds ends at once. */
const hanging: RunOptions & { readonly keychain: Keychain } = {
  keychain: silent,
  deadline: (milliseconds) =>
    milliseconds === 3000
      ? AbortSignal.abort(new DOMException("late", "TimeoutError"))
      : new AbortController().signal,
};

/** With the cause that each message must name: the keychain's own error, or the time limit. */
const unusable: readonly [string, RunOptions & { readonly keychain: Keychain }, RegExp][] = [
  ["missing", missing, /no Secret Service/],
  ["hanging", hanging, /\b3 ?s/],
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

describe("a credential in the keychain", () => {
  test.each<[string, string, Record<string, string>]>([
    ["by option", "--store keychain", {}],
    ["by environment", "", { TOKCTL_CREDENTIAL_STORE: "keychain" }],
    ["by option first", "--store keychain", { TOKCTL_CREDENTIAL_STORE: "file" }],
    ["by environment beside -p", "-p ovh-ai", { TOKCTL_CREDENTIAL_STORE: "keychain" }],
  ])("login stores the credential there %s, and later calls read it", async (_, words, env) => {
    const home = createHome();
    const { code, stderr } = await home.login(words, { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(inKeychain(home)).toEqual(bootstrapOf(home));
    expect(inFile(home)).toEqual(pointerOf(home));
    expect(statSync(home.path(file)).mode & 0o777).toBe(0o600);
    expect((await home.run("whoami -q")).stdout).toBe("sandbox-operator\n");
  });

  test("import stores it there too", async () => {
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

  test("the next login keeps the store until another one is named", async () => {
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

  test("it is found through a symbolic link to the config directory", async () => {
    const home = createHome();
    await home.login("--store keychain");
    symlinkSync(home.path("."), home.path("link"));
    const env = { TOKCTL_CONFIG_DIR: home.path("link") };
    expect((await home.run("whoami", { env })).code).toBe(0);
    expect((await home.login("", { env })).code).toBe(0);
    expect([...home.entries.keys()]).toEqual([entryOf(home)]);
  });

  test("two config directories have separate entries", async () => {
    const home = createHome();
    await home.login("--store keychain");
    await home.login("--store keychain", { env: { TOKCTL_CONFIG_DIR: home.path("other") } });
    expect(home.entries.size).toBe(2);
  });

  test("profile show reports the store, and profile list does not read the keychain", async () => {
    const home = createHome();
    await home.login("--store keychain");
    const rows = await home.json("profile show");
    expect(rows).toContainEqual({ key: "credential", value: "•••", source: "profile" });
    expect(rows).toContainEqual({ key: "store", value: "keychain", source: "profile" });
    expect(await home.json("profile list", failing("asked"))).toMatchObject([{ credential: true }]);
    // A setting that a command does not use is not read either.
    const byFlag = { ...failing("asked"), stdin: home.bootstrap };
    expect(await home.json("profile show --app-token-file -", byFlag)).toContainEqual({
      key: "store",
      value: null,
      source: null,
    });
  });

  test("renewing the credential in use replaces the entry", async () => {
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

  test("refreshed tokens replace the entry", async () => {
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

  test("logout removes it even if the file that points to it is readable by others", async () => {
    const home = createHome();
    await home.login("--store keychain");
    chmodSync(home.path(file), 0o644);
    expect((await home.run("whoami")).stderr).toContain("chmod 600");
    await home.run("logout");
    expect(home.entries.size).toBe(0);
  });

  test("the entry is removed if the file that points to it can't be written", async () => {
    const home = createHome();
    // Its folder is none once the login begins to write.
    const outcome = await home.login("--store keychain", {
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
    expect(outcome.code).toBe(2);
    expect(errorOf(outcome).code).toBe("usage");
    expect(outcome.stderr).toContain(home.path("credentials"));
    expect(home.entries.size).toBe(0);
  });
});

describe("a credential in a file", () => {
  test("is the default, and the keychain is not read", async () => {
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

  test("is reported by profile show", async () => {
    const home = createHome();
    await home.login();
    expect(await home.json("profile show")).toContainEqual({
      key: "store",
      value: "file",
      source: "profile",
    });
  });
});

describe("an unknown credential store is exit 2, and nothing is sent:", () => {
  test.each<[string, Record<string, string>, string]>([
    ["--store vault", {}, "--store"],
    ["", { TOKCTL_CREDENTIAL_STORE: "vault" }, "TOKCTL_CREDENTIAL_STORE"],
  ])("login %s %j", async (words, env, source) => {
    const home = createHome();
    const outcome = await home.login(words, { env });
    expect(outcome.code).toBe(2);
    expect(errorOf(outcome).code).toBe("usage");
    for (const fact of [source, "vault", "file", "keychain"])
      expect(outcome.stderr).toContain(fact);
    expect(home.requests).toEqual([]);
    expect(
      (await home.run("profile import", { env: { TOKCTL_CREDENTIAL_STORE: "vault" } })).code,
    ).toBe(2);
    expect(home.files(".")).toEqual([]);
  });
});

describe.each(unusable)("if the keychain is %s,", (_, options, cause) => {
  test.each(["", "-o json", "-q"])(
    "login %s stores the credential in a file and names it",
    async (words) => {
      const home = createHome();
      const { code, stderr } = await home.login(`--store keychain ${words}`, options);
      expect(code).toBe(0);
      expect(stderr).toMatch(cause);
      expect(stderr).toContain(entryOf(home));
      expect(stderr).not.toContain(home.bootstrap);
      expect(inFile(home)).toEqual(bootstrapOf(home));
      expect((await home.run("whoami", options)).code).toBe(0);
    },
  );

  test("a login names the entry that remains", async () => {
    const home = createHome();
    await home.login("--store keychain");
    const { code, stderr } = await home.login("", options);
    expect(code).toBe(0);
    expect(stderr).toContain(entryOf(home));
    expect(inFile(home)).toEqual(bootstrapOf(home));
  });

  test.each(["whoami", "token list -o json", "logout --revoke"])(
    "%s is exit 4 and sends nothing",
    async (line) => {
      const home = createHome();
      await home.login("--store keychain");
      const sent = home.requests.length;
      const outcome = await home.run(line, options);
      expect(outcome).toMatchObject({ code: 4, stdout: "" });
      const { code, message, hint } = errorOf(outcome);
      expect(code).toBe("unauthenticated");
      expect(message).toContain("keychain");
      expect(message).toMatch(cause);
      expect(hint).toContain("tokctl login -p ovh-ai --store file");
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
    "%s removes the file and names the entry that remains",
    async (line) => {
      const home = createHome();
      await home.login("--store keychain");
      const { code, stderr } = await home.run(line, options);
      expect(code).toBe(0);
      expect(stderr).toMatch(cause);
      expect(stderr).toContain(entryOf(home));
      expect(home.files("credentials")).toEqual([]);
    },
  );

  test("the renewed credential in use is stored in a file", async () => {
    const home = createHome();
    const { stdout } = await home.run("token create mine -r operator", {
      env: home.environment,
    });
    await home.login("--store keychain", { stdin: stdout });
    // It can be read, but not written.
    const old = home.entries.get(entryOf(home));
    const renewed = await home.run("token renew mine", {
      ...options,
      keychain: { ...options.keychain, get: async () => old },
    });
    expect(renewed.code).toBe(0);
    expect(renewed.stderr).toMatch(cause);
    expect(inFile(home)).toEqual({ ...bootstrapOf(home), token: renewed.stdout.trim() });
    expect((await home.run("whoami -q", options)).stdout).toBe("mine\n");
  });
});

test("refreshed tokens are stored in a file if the keychain can't be written", async () => {
  const home = await createRefreshable();
  const keychain: Keychain = {
    ...missing.keychain,
    get: async (entry) => home.entries.get(entry),
  };
  const { code, stderr } = await home.run("token list -o json", { keychain });
  expect(code).toBe(0);
  expect(stderr).toContain(entryOf(home));
  home.advance(3600_000);
  expect((await home.run("token list", missing)).code).toBe(0);
});

test("the time limit for a keychain that hangs applies once per command", async () => {
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
  for (const name of ["ovh-eu", "ovh-ca", "ovh-us"])
    expect(stderr).toContain(home.path(`credentials/${name}.json`));
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
])("%s stops waiting for the keychain", async (signal, code) => {
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
  expect(errorOf(outcome)).toMatchObject({
    code: signal === "SIGINT" ? "interrupted" : "terminated",
    message: expect.stringContaining("keychain"),
  });
  expect(home.requests.length).toBe(sent);
});

test("a missing entry is exit 4, with the command to sign in again", async () => {
  const home = createHome();
  await home.login("--store keychain");
  home.entries.clear();
  const outcome = await home.run("whoami");
  expect(outcome.code).toBe(4);
  expect(errorOf(outcome)).toEqual({
    code: "unauthenticated",
    message: expect.stringContaining('"ovh-ai"'),
    hint: expect.stringContaining("tokctl login -p ovh-ai"),
  });
  expect((await home.login()).code).toBe(0);
  expect((await home.run("whoami")).code).toBe(0);
});

test.each(["s3cr3t", "[]", '{"token":"s3cr3t"}'])(
  "an invalid entry, %j, is exit 2 and not shown",
  async (text) => {
    const home = createHome();
    await home.login("--store keychain");
    home.entries.set(entryOf(home), text);
    const { code, stderr } = await home.run("whoami");
    expect(code).toBe(2);
    expect(errorOf({ stderr })).toMatchObject({
      code: "usage",
      message: expect.stringContaining("keychain"),
    });
    expect(stderr).not.toContain("s3cr3t");
  },
);

test("an invalid file that points to the keychain is moved aside", async () => {
  const home = createHome();
  await home.login();
  home.write(file, '{"store":"keychain"}');
  const { code, message } = errorOf(await home.run("whoami"));
  expect(code).toBe("usage");
  expect(message).toContain(home.path(file));
  expect(message).toContain('"entry"');
  expect((await home.login("--store keychain")).stderr).toContain(`${file}.broken-`);
  expect(inFile(home)).toEqual(pointerOf(home));
});
