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
  test("stores the new secret in the profile", async () => {
    const { home, token } = await createSignedIn(api, role);
    const { code, stdout, stderr } = await home.run("token renew mine");
    expect(code).toBe(0);
    expect(stored(home)).toBe(stdout.trim());
    expect(stored(home)).not.toBe(token);
    expect(stderr).toMatch(/profile "mine"/i);
    expect((await home.run("whoami")).code).toBe(0);
  });

  test("stores the new secret before it is printed", async () => {
    const { home, token } = await createSignedIn(api, role);
    const { code } = await home.run("token renew mine", {
      stdout: { write: () => Promise.reject(Object.assign(new Error(), { code: "EPIPE" })) },
    });
    expect(code).toBe(10);
    expect(stored(home)).not.toBe(token);
    expect((await home.run("whoami")).code).toBe(0);
  });

  test("prints the secret and the login command if the secret can't be stored", async () => {
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
    expect(stderr).toContain("tokctl login -p mine");
    expect(stderr).not.toContain(stdout.trim());
    rmSync(path, { recursive: true });
    renameSync(home.path("before"), path);
    expect(stored(home)).toBe(token);
    const again = await home.run("login -p mine --app-token-file -", { stdin: stdout });
    expect(again.code).toBe(0);
  });

  test("leaves the profile unchanged if the credential is from the environment", async () => {
    const { home, token, admin } = await createSignedIn(api, role);
    await home.run("token renew mine", { env: admin });
    expect(stored(home)).toBe(token);
  });
});

describe("two tokens with the same name", () => {
  test("renewing the other one keeps the stored secret", async () => {
    const { home, token, admin } = await createSignedIn("ovh-ai", "ai_training_operator");
    const other = await home.json("token create mine -r read", { env: admin });
    const { code, stderr } = await home.run(["token", "renew", other.id]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: .*"mine"/im);
    expect(stored(home)).toBe(token);
    expect((await home.run("whoami")).code).toBe(0);
  });

  test("the login command is printed if it is unknown which one was renewed", async () => {
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

test("deleting the credential in use prints a warning", async () => {
  const { home } = await createSignedIn("ovh-ai", "ai_training_operator");
  const { code, stderr } = await home.run("token delete mine");
  expect(code).toBe(0);
  expect(stderr).toMatch(/^warning: .*"mine"/im);
});
