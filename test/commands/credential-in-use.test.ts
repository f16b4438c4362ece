import { mkdirSync, renameSync, rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createHome } from "../support/home.ts";

/** Signed in with a token of one's own, which may manage tokens. */
async function createSignedIn(api: string, role: string) {
  const home = createHome(api);
  const admin = {
    TOKCTL_PROVIDER: api,
    TOKCTL_URL: home.url,
    TOKCTL_APP_TOKEN: home.bootstrap,
  };
  const { token } = await home.json(`token create mine -r ${role}`, { env: admin });
  await home.login("-p mine", { stdin: token });
  return { home, token: token as string, admin };
}

const stored = (home: ReturnType<typeof createHome>) =>
  JSON.parse(home.read("credentials/mine.json")).token;

describe.each([
  ["ovh-ai", "ai_training_operator"],
  ["osmo", "osmo-user"],
])("renewing the credential in use of %s", (api, role) => {
  test("keeps the new secret in place of the old one", async () => {
    const { home, token } = await createSignedIn(api, role);
    const { code, stdout, stderr } = await home.run("token renew mine");
    expect(code).toBe(0);
    expect(stored(home)).toBe(stdout.trim());
    expect(stored(home)).not.toBe(token);
    expect(stderr).toContain('The profile "mine" uses the new secret');
    expect((await home.run("whoami")).code).toBe(0);
  });

  test("has it in place before the secret is printed", async () => {
    const { home, token } = await createSignedIn(api, role);
    const { code } = await home.run("token renew mine", {
      stdout: { write: () => Promise.reject(Object.assign(new Error(), { code: "EPIPE" })) },
    });
    expect(code).toBe(10);
    expect(stored(home)).not.toBe(token);
    expect((await home.run("whoami")).code).toBe(0);
  });

  test("prints the secret and says so, if it can't be kept", async () => {
    const { home, token } = await createSignedIn(api, role);
    const path = home.path("credentials/mine.json");
    // Only once the token is renewed, the file can't be written: a folder is in its place.
    let renewed = false;
    const { code, stdout, stderr } = await home.run("token renew mine", {
      fetch: async (url, init) => {
        const reply = await home.sandbox.request(url, init);
        if (init.method === "POST" && /renew|access_token\/mine/.test(url) && !renewed) {
          renewed = true;
          renameSync(path, home.path("before"));
          mkdirSync(path);
        }
        return reply;
      },
    });
    expect(code).toBe(10);
    expect(stdout.trim()).toMatch(/^[!-~]{20,}$/);
    expect(stderr).toContain("may still hold its old secret");
    expect(stderr).toContain("tokctl login -p mine");
    expect(stderr).not.toContain(stdout.trim());
    rmSync(path, { recursive: true });
    renameSync(home.path("before"), path);
    expect(stored(home)).toBe(token);
    const again = await home.run("login -p mine --app-token-file -", { stdin: stdout });
    expect(again.code).toBe(0);
  });

  test("leaves it alone if the credential of the call came from elsewhere", async () => {
    const { home, token, admin } = await createSignedIn(api, role);
    await home.run("token renew mine", { env: admin });
    expect(stored(home)).toBe(token);
  });
});

describe("of two tokens with one name", () => {
  test("renewing the other leaves the stored secret as it is", async () => {
    const { home, token, admin } = await createSignedIn("ovh-ai", "ai_training_operator");
    const other = await home.json("token create mine -r read", { env: admin });
    const { code, stderr } = await home.run(["token", "renew", other.id]);
    expect(code).toBe(0);
    expect(stderr).toContain("bears the name of the credential in use");
    expect(stored(home)).toBe(token);
    expect((await home.run("whoami")).code).toBe(0);
  });

  test("it is said if nobody can tell which one it was", async () => {
    const { home, token } = await createSignedIn("ovh-ai", "ai_training_operator");
    let renewed = false;
    const { code, stdout, stderr } = await home.run("token renew mine", {
      fetch: async (url, init) => {
        if (renewed) throw Object.assign(new Error(), { code: "ECONNREFUSED" });
        renewed = url.endsWith("/renew");
        return home.sandbox.request(url, init);
      },
    });
    expect(code).toBe(10);
    expect(stdout.trim()).toMatch(/^[!-~]{20,}$/);
    expect(stderr).toContain("tokctl login -p mine");
    expect(stored(home)).toBe(token);
  });
});

test("deleting the credential in use says so first", async () => {
  const { home } = await createSignedIn("ovh-ai", "ai_training_operator");
  const { code, stderr } = await home.run("token delete mine");
  expect(code).toBe(0);
  expect(stderr).toContain("the credential in use");
});
