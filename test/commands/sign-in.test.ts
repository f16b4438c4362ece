import { readdirSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import type { FetchInit } from "../../src/host.ts";
import { errorOf } from "../support/error-of.ts";
import { createHome } from "../support/home.ts";
import type { Outcome, RunOptions } from "../support/outcome.ts";
import { createBrowser } from "../support/sign-in.ts";
import { createTerminal } from "../support/terminal.ts";

type Home = ReturnType<typeof createHome>;

/** Calls `answer` with what `pattern` captures on stderr, before the program goes on. */
function onceTold(pattern: RegExp, answer: (...found: string[]) => Promise<unknown>): RunOptions {
  return {
    stderr: {
      write: async (text) => {
        const [, ...found] = pattern.exec(text) ?? [];
        if (found.length === 0) return;
        // The program ignores a failure of stderr, so the test has to rethrow it.
        await answer(...found).catch((error: unknown) =>
          onTestFinished(() => {
            throw error;
          }),
        );
      },
    },
  };
}

const kept = (home: Home, name: string) => JSON.parse(home.read(`credentials/${name}.json`));

const sentTo = (home: Home, path: string) =>
  home.requests.filter(({ url }) => url.includes(path)).map(({ body = "" }) => body);

/** Asserts that a failed sign-in stored nothing. */
function expectNothingKept(home: Home): void {
  expect(readdirSync(home.path("."))).not.toContain("credentials");
  expect(readdirSync(home.path("."))).not.toContain("profiles");
}

/** Asserts that no secret was printed. */
function expectDiscreet({ stdout, stderr }: Outcome, ...secrets: readonly string[]): void {
  for (const secret of secrets) expect(stdout + stderr).not.toContain(secret);
}

describe("an OpenStack user", () => {
  function createUser() {
    const home = createHome("ovh-ai");
    const { clientId, clientSecret, user, password } = home.sandbox.logins["ovh-ai"];
    home.write("client-secret", clientSecret);
    home.write("password", `${password}\n`);
    const line = (words = "") =>
      `login ovh-ai ${home.url} --client-secret-file ${home.path("client-secret")} --username ${user} --password-file ${home.path("password")} ${words}`;
    return { home, clientId, clientSecret, user, password, line };
  }

  test("a password and a client secret are sent with all their characters", async () => {
    const { home, clientId, line } = createUser();
    home.write("client-secret", " client sécret\n");
    home.write("password", 'pass: "wörd" \r\n');
    expect(await home.run(line(`--client-id ${clientId}`))).toMatchObject({ code: 4 });
    const sent = home.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
    expect(sent.at(-1)).toMatchObject({
      client_secret: " client sécret",
      password: 'pass: "wörd" ',
    });
  });

  test.each(["", "\n", "pass\nword", "pass\n\n"])("the password %j is refused", async (text) => {
    const { home, clientId, line } = createUser();
    home.write("password", text);
    const { code, stderr } = await home.run(line(`--client-id ${clientId}`));
    expect(code).toBe(2);
    expect(stderr).not.toContain("token");
    expect(home.requests).toEqual([]);
  });

  test("signs in with a password, and uses the refresh token when the access token expires", async () => {
    const { home, clientId, clientSecret, user, password, line } = createUser();
    const login = await home.run(line(`--client-id ${clientId} --debug`));
    expect(login).toMatchObject({ code: 0 });
    expect(await home.json("whoami")).toMatchObject({ name: user, kind: "oauth" });
    const first = kept(home, "ovh-ai");
    expect(first).toMatchObject({ kind: "oauth", clientId, clientSecret, origin: home.origin });
    expectDiscreet(login, clientSecret, password, first.accessToken, first.refreshToken);
    expect(home.read("credentials/ovh-ai.json")).not.toContain(password);

    home.advance(3600_000);
    const list = await home.run("token list --debug");
    expect(list).toMatchObject({ code: 0 });
    const second = kept(home, "ovh-ai");
    expect(second.accessToken).not.toBe(first.accessToken);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expectDiscreet(list, second.accessToken, second.refreshToken, clientSecret);
    expect(new URLSearchParams(sentTo(home, "/v1/oauth/token").at(-1)).get("client_id")).toBe(
      clientId,
    );
    home.advance(3600_000);
    expect(await home.run("whoami")).toMatchObject({ code: 0 });
  });

  test("gets a new access token if the stored one is rejected", async () => {
    const { home, clientId, line } = createUser();
    await home.run(line(`--client-id ${clientId}`));
    const stored = kept(home, "ovh-ai");
    home.keep("ovh-ai", JSON.parse(home.read("profiles/ovh-ai.json")), {
      ...stored,
      accessToken: "revoked",
    });
    expect(await home.run("whoami")).toMatchObject({ code: 0 });
    expect(kept(home, "ovh-ai").accessToken).not.toBe("revoked");
  });

  test("need not pass the client id again, which the profile has", async () => {
    const { home, clientId, line } = createUser();
    await home.run(line(`--client-id ${clientId}`));
    expect(JSON.parse(home.read("profiles/ovh-ai.json"))).toMatchObject({ clientId });
    expect(await home.run(line())).toMatchObject({ code: 0 });
    expect(await home.json("profile show")).toContainEqual({
      key: "clientId",
      value: clientId,
      source: "profile",
    });
  });

  test("with a wrong password is exit 4, and nothing is stored", async () => {
    const { home, clientId, line } = createUser();
    home.write("password", "wr0ng-passw0rd");
    const outcome = await home.run(line(`--client-id ${clientId}`));
    expect(outcome).toMatchObject({ code: 4, stdout: "" });
    expect(errorOf(outcome)).toMatchObject({
      code: "unauthenticated",
      message: expect.stringContaining("password"),
    });
    expectDiscreet(outcome, "wr0ng-passw0rd");
    expectNothingKept(home);
  });

  test("with an expired refresh token is exit 4, and the login command is suggested", async () => {
    const { home, clientId, line } = createUser();
    await home.run(line(`--client-id ${clientId}`));
    home.advance(31 * 86_400_000);
    const { code, stderr } = await home.run("whoami");
    expect(code).toBe(4);
    expect(stderr).toContain("tokctl login");
  });
});

describe("a user of OSMO", () => {
  test("a typed password is sent with its spaces", async () => {
    const home = createHome("osmo");
    const { user, password } = home.sandbox.logins.osmo;
    const { terminal } = createTerminal(
      [/Password/, " pass word \r"],
      [/Password/, `${password}\r`],
    );
    const line = `login osmo ${home.url} --method password --username ${user}`;
    expect(await home.run(line, { terminal })).toMatchObject({ code: 0 });
    const [typed] = sentTo(home, "/auth/oauth2/token");
    expect(new URLSearchParams(typed).get("password")).toBe(" pass word ");
  });

  const jwtOf = (home: Home) => kept(home, "osmo").accessToken;

  test("signs in with a password, and the JWT is refreshed by the same client", async () => {
    const home = createHome("osmo");
    const { user, password } = home.sandbox.logins.osmo;
    const line = `login osmo ${home.url} --username ${user} --password-file -`;
    const outcome = await home.run(line, { stdin: password });
    expect(outcome).toMatchObject({ code: 0 });
    expectDiscreet(outcome, password, jwtOf(home));
    const before = jwtOf(home);
    home.advance(300_000);
    expect((await home.run("whoami -q")).stdout).toBe(`${user}\n`);
    expect(jwtOf(home)).not.toBe(before);
    const refresh = new URLSearchParams(sentTo(home, "/auth/oauth2/token").at(-1));
    expect(Object.fromEntries(refresh)).toMatchObject({
      grant_type: "refresh_token",
      client_id: "osmo-device",
    });
  });

  const device = (home: Home, decision: "Approve" | "Deny") =>
    onceTold(/(http\S+)[\s\S]*?\b([A-Z0-9]{4}-[A-Z0-9]{4})\b/, async (address = "", code = "") => {
      const page = await createBrowser(home.sandbox.request).open(address);
      const { user: username, password } = home.sandbox.logins.osmo;
      await page.submit(decision, { user_code: code, username, password });
    });

  test("signs in with a code that is approved on another device", async () => {
    const home = createHome("osmo");
    const options = device(home, "Approve");
    expect(await home.run(`login osmo ${home.url} --method device`, options)).toMatchObject({
      code: 0,
    });
    expect(await home.json("whoami")).toMatchObject({ name: home.sandbox.logins.osmo.user });
    expect(kept(home, "osmo").clientId).toBe("osmo-device");
  });

  test("a denied code is exit 4, and nothing is stored", async () => {
    const home = createHome("osmo");
    const outcome = await home.run(`login osmo ${home.url} --method device`, device(home, "Deny"));
    expect(outcome).toMatchObject({ code: 4, stdout: "" });
    expectNothingKept(home);
  });

  test("an expired code is exit 4", async () => {
    const home = createHome("osmo");
    const { code, stderr } = await home.run(`login osmo ${home.url} --method device`);
    expect(code).toBe(4);
    expect(errorOf({ stderr }).code).toBe("unauthenticated");
    expect(home.requests.length).toBeGreaterThan(2);
  });

  test.each(["file:///etc/passwd", "data:text/html,x"])(
    "a verification URI %s is not printed",
    async (page) => {
      const home = createHome("osmo");
      const { code, stderr } = await home.run(`login osmo ${home.url} --method device`, {
        fetch: async (url, init) =>
          url.includes("/device")
            ? Response.json({
                device_code: "d",
                user_code: "u",
                verification_uri: page,
                expires_in: 600,
              })
            : home.sandbox.request(url, init),
      });
      expect(code).toBe(12);
      expect(stderr).not.toContain(page);
      expectNothingKept(home);
    },
  );

  test.each([
    ["0", 1000],
    ["-5", 1000],
    ["0.001", 1000],
    ["1e400", 300_000],
    ["null", 5000],
  ])("an interval of %s is clamped: the pause between polls is %i ms", async (interval, pause) => {
    const home = createHome("osmo");
    const polls: number[] = [];
    const { code } = await home.run(`login osmo ${home.url} --method device`, {
      fetch: async (url, init) =>
        url.includes("/device")
          ? new Response(
              `{"device_code": "d", "user_code": "u", "verification_uri": "https://example.com/",
                "expires_in": 600, "interval": ${interval}}`,
            )
          : url.endsWith("/auth/oauth2/token")
            ? Response.json({ error: "authorization_pending" }, { status: 400 })
            : home.sandbox.request(url, init),
      sleep: (milliseconds) => polls.push(milliseconds),
    });
    expect(code).toBe(4);
    expect(new Set(polls)).toEqual(new Set([pause]));
    expect(polls.length).toBeLessThanOrEqual(600);
  });

  test("slow_down increases the poll interval permanently", async () => {
    const home = createHome("osmo");
    let refusals = 2;
    const fetch = async (url: string, init: FetchInit) => {
      if (!url.endsWith("/auth/oauth2/token") || refusals === 0)
        return home.sandbox.request(url, init);
      refusals--;
      return Response.json({ error: "slow_down" }, { status: 400 });
    };
    const polls: number[] = [];
    const options = device(home, "Approve");
    const outcome = await home.run(`login osmo ${home.url} --method device`, {
      ...options,
      fetch,
      sleep: (milliseconds) => polls.push(milliseconds),
    });
    expect(outcome.code).toBe(0);
    expect(polls).toEqual([5000, 10_000, 15_000]);
  });

  test("^C while waiting for approval is exit 130, and nothing is stored", async () => {
    const home = createHome("osmo");
    const interrupt = new AbortController();
    const { code } = await home.run(`login osmo ${home.url} --method device`, {
      ...onceTold(/\b([A-Z0-9]{4}-[A-Z0-9]{4})\b/, async () => interrupt.abort("SIGINT")),
      interrupt: interrupt.signal,
    });
    expect(code).toBe(130);
    expectNothingKept(home);
  });

  /** Signs in on the page that the program prints; `change` may change its URL. */
  const browser = (
    home: Home,
    decision: "Approve" | "Deny",
    change: (page: URL) => void = () => {},
  ) =>
    onceTold(/^\s+(http\S+)$/m, async (address = "") => {
      const url = new URL(address);
      change(url);
      const page = await createBrowser(home.sandbox.request).open(url.href);
      const { user: username, password } = home.sandbox.logins.osmo;
      const { location } = await page.submit(decision, { username, password });
      const back = new URL(location ?? "");
      // A request with another state is rejected, and the sign-in continues.
      const stranger = new URL(back);
      stranger.searchParams.set("state", "another");
      expect((await fetch(local(stranger))).status).toBe(400);
      expect((await fetch(local(stranger, "[::1]"))).status).toBe(400);
      const answer = await fetch(local(back));
      expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(/\bnot\b/.test(await answer.text())).toBe(decision === "Deny");
    });
  const local = (url: URL, address = "127.0.0.1") => url.href.replace("localhost", address);

  test("signs in with the browser, with PKCE, state and nonce", async () => {
    const home = createHome("osmo");
    const seen: URL[] = [];
    const options = browser(home, "Approve", (page) => seen.push(new URL(page)));
    const outcome = await home.run(`login osmo ${home.url} --method browser`, options);
    expect(outcome).toMatchObject({ code: 0 });
    const asked = Object.fromEntries(seen[0]?.searchParams ?? []);
    expect(asked).toMatchObject({
      response_type: "code",
      code_challenge_method: "S256",
      scope: "openid offline_access profile",
    });
    expect(asked["redirect_uri"]).toMatch(/^http:\/\/localhost:\d+$/);
    expect(asked["nonce"]).not.toBe(asked["state"]);
    home.advance(300_000);
    expect((await home.run("whoami -q")).stdout).toBe(`${home.sandbox.logins.osmo.user}\n`);
    expect(kept(home, "osmo").clientId).toBe("osmo-browser");
  });

  test.each([
    ["denied", 4, "Deny" as const, () => {}],
    [
      "for another nonce",
      12,
      "Approve" as const,
      (page: URL) => page.searchParams.set("nonce", "another"),
    ],
    [
      "for another challenge",
      4,
      "Approve" as const,
      (page: URL) => page.searchParams.set("code_challenge", "A".repeat(43)),
    ],
  ])(
    "a browser sign-in that is %s is exit %i, and nothing is stored",
    async (_, code, decision, change) => {
      const home = createHome("osmo");
      const options = browser(home, decision, change);
      expect(await home.run(`login osmo ${home.url} --method browser`, options)).toMatchObject({
        code,
      });
      expectNothingKept(home);
    },
  );

  test("a service in developer mode has no sign-in: exit 2, and --user-header is suggested", async () => {
    const home = createHome("osmo");
    const nowhere = {
      device_endpoint: null,
      device_client_id: null,
      browser_endpoint: null,
      browser_client_id: null,
      token_endpoint: null,
    };
    const { code, stderr } = await home.run(`login osmo ${home.url} --method device`, {
      fetch: async () => Response.json(nowhere),
    });
    expect(code).toBe(2);
    expect(stderr).toContain("--user-header USER");
  });

  test("a token endpoint without TLS is refused before the password is sent", async () => {
    const home = createHome("osmo");
    const { code, stderr } = await home.run(
      `login osmo ${home.url} --username u --password-file -`,
      {
        stdin: "s3cr3t-passw0rd",
        fetch: async () =>
          Response.json({ device_client_id: "c", token_endpoint: "http://idp.example.com/token" }),
      },
    );
    expect(code).toBe(2);
    expect(errorOf({ stderr }).code).toBe("usage");
    expect(stderr).toContain("idp.example.com");
    expect(home.requests).toHaveLength(1);
  });
});

describe("at OVHcloud's public API", () => {
  function createAccount() {
    const home = createHome("ovh-cloud");
    const { clientId, clientSecret, applicationKey, applicationSecret } =
      home.sandbox.logins["ovh-cloud"];
    home.write("client-secret", clientSecret);
    home.write("application-secret", applicationSecret);
    const project = home.environment["TOKCTL_PROJECT"];
    const place = `login ovh-cloud ${home.url} --project ${project}`;
    return {
      home,
      applicationSecret,
      clientSecret,
      byKey: `${place} --application-key ${applicationKey} --application-secret-file ${home.path("application-secret")}`,
      byAccount: `${place} --client-id ${clientId} --client-secret-file ${home.path("client-secret")}`,
    };
  }

  test("a service account signs in, and gets its next access token automatically", async () => {
    const { home, byAccount, clientSecret } = createAccount();
    const oauthUrl = `${home.origin}/auth/oauth2/token`;
    const outcome = await home.run(`${byAccount} --oauth-url ${oauthUrl} --debug`);
    expect(outcome).toMatchObject({ code: 0 });
    const { accessToken } = kept(home, "ovh-cloud");
    expectDiscreet(outcome, clientSecret, accessToken);
    expect(JSON.parse(home.read("profiles/ovh-cloud.json"))).toMatchObject({ oauthUrl });
    home.advance(3600_000);
    expect(await home.run("token create ci -r ai_training_read --region GRA")).toMatchObject({
      code: 0,
    });
    expect(kept(home, "ovh-cloud").accessToken).not.toBe(accessToken);
    expect(new URLSearchParams(sentTo(home, "/auth/oauth2/token")[0]).get("scope")).toBe("all");
  });

  test("a custom base URL needs --oauth-url", async () => {
    const { home, byAccount } = createAccount();
    const { code, stderr } = await home.run(byAccount);
    expect(code).toBe(2);
    expect(stderr).toContain("--oauth-url");
    expect(home.requests).toEqual([]);
  });

  test.each([
    ["ovh-eu", "https://www.ovh.com/auth/oauth2/token"],
    ["ovh-ca", "https://ca.ovh.com/auth/oauth2/token"],
    ["ovh-us", "https://us.ovhcloud.com/auth/oauth2/token"],
  ])(
    "OVH_CLIENT_ID with endpoint %s gets its access token from %s, and stores nothing",
    async (endpoint, tokenUrl) => {
      const { home } = createAccount();
      const { code } = await home.run("token list --provider ovh-cloud --project p", {
        env: {
          OVH_ENDPOINT: endpoint,
          OVH_CLIENT_ID: "account",
          OVH_CLIENT_SECRET: "s3cr3t",
        },
        fetch: async (url) =>
          url === tokenUrl
            ? Response.json({ access_token: "an-access-token", expires_in: 3600 })
            : Response.json([]),
      });
      expect(code).toBe(0);
      expect(home.requests.map(({ url }) => url)[0]).toBe(tokenUrl);
      expect(home.requests[1]?.headers["authorization"]).toBe("Bearer an-access-token");
      expectNothingKept(home);
    },
  );

  test.each(["1e300", "1e400", "-1e300", "0", "0.5", "9007199254740993"])(
    "a lifetime of %s s is clamped, and the token is used",
    async (lifetime) => {
      const { home } = createAccount();
      const { code } = await home.run("token list --provider ovh-cloud --project p", {
        env: {
          OVH_ENDPOINT: "ovh-eu",
          OVH_CLIENT_ID: "account",
          OVH_CLIENT_SECRET: "s3cr3t",
        },
        fetch: async (url) =>
          url.endsWith("/auth/oauth2/token")
            ? new Response(`{"access_token": "an-access-token", "expires_in": ${lifetime}}`)
            : Response.json([]),
      });
      expect(code).toBe(0);
      expect(home.requests.at(-1)?.headers["authorization"]).toBe("Bearer an-access-token");
    },
  );

  const answer = (home: Home, decision: "Authorize" | "Refuse") =>
    onceTold(/^\s+(http\S+)$/m, async (address = "") => {
      const page = await createBrowser(home.sandbox.request).open(address);
      expect(page.html).not.toContain("PUT");
      await page.submit(decision);
    });

  test("a new consumer key is requested with minimal access rules", async () => {
    const { home, byKey, applicationSecret } = createAccount();
    const outcome = await home.run(byKey, answer(home, "Authorize"));
    expect(outcome).toMatchObject({ code: 0 });
    expectDiscreet(outcome, applicationSecret, kept(home, "ovh-cloud").consumerKey);
    const project = home.environment["TOKCTL_PROJECT"];
    expect(JSON.parse(sentTo(home, "/auth/credential")[0] ?? "")).toEqual({
      accessRules: ["GET", "POST", "DELETE"].map((method) => ({
        method,
        path: `/cloud/project/${project}/ai/*`,
      })),
    });
    expect(await home.run("token create ci -r ai_training_read --region GRA")).toMatchObject({
      code: 0,
    });
    expect(await home.run("token delete ci")).toMatchObject({ code: 0 });
  });

  test.each([
    "file:///etc/passwd",
    "javascript:alert(1)",
    "ms-settings:",
    "https://me:pw@a.example",
  ])("a validation URL %s is not opened or printed", async (validationUrl) => {
    const { home, byKey } = createAccount();
    const opened: string[] = [];
    const { code, stdout, stderr } = await home.run(byKey, {
      terminal: createTerminal().terminal,
      openUrl: async (url) => opened.push(url) > 0,
      fetch: async (url, init) =>
        url.endsWith("/auth/credential")
          ? Response.json({ validationUrl, consumerKey: "c0nsumer", state: "pendingValidation" })
          : home.sandbox.request(url, init),
    });
    expect({ code, stdout, opened }).toEqual({ code: 12, stdout: "", opened: [] });
    expect(stderr).not.toContain(validationUrl);
    expectNothingKept(home);
  });

  test("a refused consumer key is exit 4, and nothing is stored", async () => {
    const { home, byKey } = createAccount();
    expect(await home.run(byKey, answer(home, "Refuse"))).toMatchObject({ code: 4, stdout: "" });
    expectNothingKept(home);
  });

  test("^C revokes the pending consumer key", async () => {
    const { home, byKey } = createAccount();
    const interrupt = new AbortController();
    let page = "";
    const outcome = await home.run(byKey, {
      ...onceTold(/^\s+(http\S+)$/m, async (address = "") => {
        page = address;
        interrupt.abort("SIGINT");
      }),
      interrupt: interrupt.signal,
    });
    expect(outcome).toMatchObject({ code: 130, stdout: "" });
    expectNothingKept(home);
    expect(home.requests.at(-1)?.url).toMatch(/\/auth\/logout$/);
    expect((await createBrowser(home.sandbox.request).open(page)).status).toBe(404);
  });

  test("a consumer key that is not validated is exit 4 after five minutes", async () => {
    const { home, byKey } = createAccount();
    expect(await home.run(byKey)).toMatchObject({ code: 4, stdout: "" });
    expectNothingKept(home);
  });
});

test("a login.yaml with tokens of an identity provider is imported", async () => {
  const home = createHome("osmo");
  const { user, password } = home.sandbox.logins.osmo;
  await home.run(`login osmo ${home.url} -p first --username ${user} --password-file -`, {
    stdin: password,
  });
  const { tokenUrl, clientId, refreshToken, accessToken } = kept(home, "first");
  home.write(
    "login.yaml",
    `url: ${home.url}
osmo_token: false
token_login:
  id_token: ${accessToken}
  refresh_token: ${refreshToken}
  refresh_url: ${tokenUrl}
  client_id: ${clientId}
  username: ${user}
`,
  );
  expect(await home.run(`profile import ${home.path("login.yaml")} -y`)).toMatchObject({ code: 0 });
  home.advance(300_000);
  expect((await home.run("whoami -q -p osmo")).stdout).toBe(`${user}\n`);
});
