import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { errorOf } from "../support/error-of.ts";
import { createHome } from "../support/home.ts";
import { createVictim, cut } from "../support/lost-answers.ts";

interface ListedToken {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly labelSelector: string | null;
  readonly expiresAt: string | null;
  readonly description: string | null;
}

/** The providers with names of tokens: a token, and one of another scope. */
const subjects = [
  {
    api: "ovh-ai",
    create: "token create ci -r ai_training_read -l group=A",
    other: "token create ci -r ai_training_operator -l group=B",
    differences: ["ai_training_read", "ai_training_operator", "group=A", "group=B"],
  },
  {
    api: "ovh-cloud",
    create: "token create ci -r ai_training_read -l group=A --region GRA",
    other: "token create ci -r ai_training_operator -l group=B --region GRA",
    differences: ["ai_training_read", "ai_training_operator", "group=A", "group=B"],
  },
  {
    api: "osmo",
    create: "token create ci -r osmo-user",
    other: "token create ci -r osmo-user -r osmo-admin",
    differences: ["osmo-user", "osmo-admin"],
  },
];
/** The providers that allow several tokens of one name. */
const withIds = subjects.filter(({ api }) => api !== "osmo");

const modes = ["fail", "renew", "replace"] as const;

function createServer(api: string) {
  const victim = createVictim(api);
  const list = async (): Promise<readonly ListedToken[]> => victim.json("token list");
  const changes = () =>
    victim.requests.filter(({ method, url }) => method !== "GET" && !/jwt/.test(url)).length;
  return { ...victim, list, changes };
}

/** Runs `happen` before the first request of a method that creates, renews or lists tokens. */
const beforeRequest =
  (request: Fetch, method: string, happen: () => Promise<unknown>, skip = 0): Fetch =>
  async (url, init) => {
    const isMatch = init.method === method && /token(\/ci)?(\?|$)/.test(url);
    if (isMatch && skip-- === 0) await happen();
    return request(url, init);
  };

describe.each(subjects)(
  "token create --if-exists on $api",
  ({ api, create, other, differences }) => {
    test.each(modes)("%s creates the token if none has the name", async (mode) => {
      const { run, list } = createServer(api);
      const { code, stdout } = await run(`${create} --if-exists ${mode}`);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^[!-~]{20,}\n$/);
      expect(await list()).toHaveLength(1);
    });

    test("fail ends with 6 and changes nothing if the name is taken", async () => {
      const { json, run, list, changes } = createServer(api);
      const { token, ...first } = await json(create);
      const sent = changes();
      const second = await run(`${create} --if-exists fail`);
      expect(second).toMatchObject({ code: 6, stdout: "" });
      expect(errorOf(second)).toMatchObject({
        code: "conflict",
        message: expect.stringContaining(first.id),
      });
      expect(changes()).toBe(sent);
      expect(await list()).toEqual([first]);
    });

    test("renew issues a new secret of the same token", async () => {
      const { json, list, journal } = createServer(api);
      const first = await json(create);
      const second = await json(`${create} --if-exists renew`);
      expect(second).toMatchObject({ id: first.id, roles: first.roles });
      expect(second.token).not.toBe(first.token);
      expect(await list()).toHaveLength(1);
      expect(journal()).toEqual([]);
    });

    test("renew ends with 6 for another scope, names the differences and changes nothing", async () => {
      const { json, run, list, changes } = createServer(api);
      const { token, ...first } = await json(create);
      const sent = changes();
      const second = await run(`${other} --if-exists renew`);
      expect(second.code).toBe(6);
      const { code, message } = errorOf(second);
      expect(code).toBe("conflict");
      for (const each of differences) expect(message).toContain(each);
      expect(changes()).toBe(sent);
      expect(await list()).toEqual([first]);
    });

    test.each([
      ["the same", create],
      ["another", other],
    ])("replace leaves one token, with a new secret, for %s scope", async (_, line) => {
      const { json, list, journal } = createServer(api);
      const first = await json(create);
      const { token, ...second } = await json(`${line} --if-exists replace`);
      expect(token).not.toBe(first.token);
      expect(await list()).toEqual([second]);
      const { roles } = await createServer(api).json(line);
      expect(second.roles.toSorted()).toEqual(roles.toSorted());
      expect(second.id === first.id).toBe(api === "osmo");
      expect(journal()).toEqual([]);
    });

    test("renew recovers from a lost response to the renewal", async () => {
      const { run, losing, list, journal } = createServer(api);
      await run(create);
      const { code, stdout } = await run(`${create} --if-exists renew`, { fetch: losing() });
      expect(code).toBe(0);
      expect(stdout).toMatch(/^[!-~]{20,}\n$/);
      expect(await list()).toHaveLength(1);
      expect(journal()).toEqual([]);
    });

    test.each(modes)("%s deletes a new token if its secret was lost", async (mode) => {
      const { run, losing, list, journal } = createServer(api);
      expect((await run(`${create} --if-exists ${mode}`, { fetch: losing() })).code).toBe(8);
      expect(await list()).toEqual([]);
      expect(journal()).toEqual([]);
      expect((await run(`${create} --if-exists ${mode}`)).code).toBe(0);
    });

    test("fail ends with 6 if another client creates the token between list and create", async () => {
      const { run, list, elsewhere, sandbox, advance } = createServer(api);
      const fetch = beforeRequest(sandbox.request, "POST", async () => {
        await run(create, { env: elsewhere, fetch: sandbox.request });
        advance(1000);
      });
      const { code, stdout } = await run(`${create} --if-exists fail`, { fetch });
      expect({ code, stdout }).toEqual({ code: 6, stdout: "" });
      expect(await list()).toHaveLength(1);
    });

    test.each(["renew", "replace"])(
      "%s renews a token that another client creates between list and create",
      async (mode) => {
        const { json, list, elsewhere, sandbox, advance, journal } = createServer(api);
        let first: ListedToken | undefined;
        const fetch = beforeRequest(sandbox.request, "POST", async () => {
          first = await json(create, { env: elsewhere, fetch: sandbox.request });
          advance(1000);
        });
        const second = await json(`${create} --if-exists ${mode}`, { fetch });
        expect(second.id).toBe(first?.id);
        expect(await list()).toHaveLength(1);
        expect(journal()).toEqual([]);
      },
    );

    test("renew ends with 6 if that token has another scope, and deletes its own", async () => {
      const { json, run, list, elsewhere, sandbox, advance } = createServer(api);
      let id: string | undefined;
      const fetch = beforeRequest(sandbox.request, "POST", async () => {
        ({ id } = await json(other, { env: elsewhere, fetch: sandbox.request }));
        advance(1000);
      });
      expect((await run(`${create} --if-exists renew`, { fetch })).code).toBe(6);
      expect((await list()).map((token) => token.id)).toEqual([id]);
    });

    test.each(modes)("%s on two machines concurrently leaves one token", async (mode) => {
      const { run, list, env, elsewhere, sandbox, advance } = createServer(api);
      // Both clients list the tokens before either creates one.
      let proceed = () => {};
      const both = new Promise<void>((resolve) => {
        proceed = resolve;
      });
      let waiting = 0;
      const synchronized = (): Fetch => {
        let isFirst = true;
        return async (url, init) => {
          if (init.method !== "POST" || !/token(\/ci)?(\?|$)/.test(url) || !isFirst)
            return sandbox.request(url, init);
          isFirst = false;
          if (++waiting === 2) proceed();
          await both;
          advance(1000);
          return sandbox.request(url, init);
        };
      };
      const line = `${create} --if-exists ${mode}`;
      const outcomes = await Promise.all(
        [env, elsewhere].map((each, i) =>
          run(line, { env: each, fetch: synchronized(), process: { id: i, machine: `${i}` } }),
        ),
      );
      const codes = outcomes.map(({ code }) => code).toSorted();
      expect(codes).toEqual(mode === "fail" ? [0, 6] : [0, 0]);
      expect(await list()).toHaveLength(1);
    });

    test("fail in two processes of one machine creates one token, and the other ends with 6", async () => {
      const { run, list } = createServer(api);
      const runs = [1, 2].map((id) =>
        run(`${create} --if-exists fail`, {
          process: { id, machine: "here", startTime: "1" },
          isRunning: () => true,
        }),
      );
      expect((await Promise.all(runs)).map(({ code }) => code).toSorted()).toEqual([0, 6]);
      expect(await list()).toHaveLength(1);
    });
  },
);

describe.each(withIds)(
  "token create --if-exists on $api, where names repeat",
  ({ api, create, other }) => {
    test.each(modes)(
      "%s ends with 6 for several tokens of the name, with their ids",
      async (mode) => {
        const { json, run, list, changes } = createServer(api);
        const ids = [(await json(create)).id, (await json(other)).id];
        const sent = changes();
        const third = await run(`${create} --if-exists ${mode}`);
        expect(third.code).toBe(6);
        const { code, hint } = errorOf(third);
        expect(code).toBe("conflict");
        for (const id of ids) expect(hint).toContain(id);
        expect(changes()).toBe(sent);
        expect(await list()).toHaveLength(2);
      },
    );

    test.each(modes)("%s keeps its token if another client creates a younger one", async (mode) => {
      const { json, run, sandbox, elsewhere, advance } = createServer(api);
      let younger = "";
      // The list after the create is the second request that lists.
      const fetch = beforeRequest(
        sandbox.request,
        "GET",
        async () => {
          advance(1000);
          younger = (await json(create, { env: elsewhere, fetch: sandbox.request })).id;
        },
        1,
      );
      const { code, stderr } = await run(`${create} --if-exists ${mode}`, { fetch });
      expect(code).toBe(0);
      expect(stderr).toContain(younger);
    });

    test("delivers the secret if the tokens can't be listed after the create", async () => {
      const { run, list, sandbox, requests } = createServer(api);
      const fetch: Fetch = async (url, init) => {
        const isAfter = requests.some(({ method }) => method === "POST");
        return isAfter && init.method === "GET"
          ? new Response("{}", { status: 403 })
          : sandbox.request(url, init);
      };
      const { code, stdout } = await run(`${create} --if-exists renew`, { fetch });
      expect(code).toBe(0);
      expect(stdout).toMatch(/^[!-~]{20,}\n$/);
      expect(await list()).toHaveLength(1);
    });

    test.each(["SIGINT", "SIGTERM"])(
      "delivers the secret if %s arrives after the create",
      async (signal) => {
        const { run, list, sandbox, journal } = createServer(api);
        const controller = new AbortController();
        const fetch: Fetch = async (url, init) => {
          const reply = await sandbox.request(url, init);
          if (init.method === "POST") controller.abort(signal);
          return reply;
        };
        const interrupt = controller.signal;
        const { code, stdout } = await run(`${create} --if-exists renew`, { fetch, interrupt });
        expect(code).toBe(0);
        expect(stdout).toMatch(/^[!-~]{20,}\n$/);
        expect(await list()).toHaveLength(1);
        expect(journal()).toEqual([]);
      },
    );

    test("replace keeps the old token if the response to the create is lost", async () => {
      const { json, run, losing, list } = createServer(api);
      const { id } = await json(create);
      expect((await run(`${other} --if-exists replace`, { fetch: losing() })).code).toBe(8);
      expect((await list()).map((token) => token.id)).toEqual([id]);
    });

    test.each([
      ["stdout", "", { stdout: { write: cut } }],
      ["a destination", "--to command:false", {}],
    ])("replace keeps the old token if %s does not receive the secret", async (_, to, options) => {
      const { json, run, list, journal } = createServer(api);
      const { id } = await json(create);
      expect((await run(`${other} --if-exists replace ${to}`, options)).code).toBe(9);
      expect((await list()).map((token) => token.id)).toEqual([id]);
      expect(journal()).toEqual([]);
    });

    test("replace keeps the old token if one of several destinations fails", async () => {
      const { json, run, list } = createServer(api);
      const { id } = await json(create);
      const replaced = await run(
        `${other} --if-exists replace --to command:cat --to command:false`,
      );
      expect(replaced.code).toBe(9);
      expect(errorOf(replaced).hint).toContain(id);
      expect(await list()).toHaveLength(2);
    });

    test("replace deletes the old token after the secret is delivered", async () => {
      const { json, run, requests } = createServer(api);
      const { id } = await json(create);
      const deletions = () => requests.filter(({ method }) => method === "DELETE");
      let before = -1;
      const write = async () => {
        before = deletions().length;
      };
      expect((await run(`${other} --if-exists replace`, { stdout: { write } })).code).toBe(0);
      expect(before).toBe(0);
      expect(deletions().map(({ url }) => url.endsWith(id))).toEqual([true]);
    });

    test("replace ends with 9 and the command if the old token can't be deleted", async () => {
      const { json, run, sandbox, list } = createServer(api);
      const { id } = await json(create);
      const fetch: Fetch = async (url, init) =>
        init.method === "DELETE" ? new Response("{}", { status: 403 }) : sandbox.request(url, init);
      const replaced = await run(`${other} --if-exists replace`, { fetch });
      expect(replaced.code).toBe(9);
      expect(replaced.stdout).toMatch(/^[!-~]{20,}\n$/);
      expect(errorOf(replaced)).toMatchObject({
        code: "partial",
        hint: expect.stringContaining(id),
      });
      expect(await list()).toHaveLength(2);
    });
  },
);

test("tokens of another region do not count", async () => {
  const { run, list } = createServer("ovh-cloud");
  const line = "token create ci -r ai_training_read --if-exists fail --region";
  expect((await run(`${line} GRA`)).code).toBe(0);
  expect((await run(`${line} BHS`)).code).toBe(0);
  expect((await run(`${line} BHS`)).code).toBe(6);
  expect(await list()).toHaveLength(2);
});

test("a renewal on osmo applies a new expiry and description", async () => {
  const { run, list } = createServer("osmo");
  await run("token create ci -r osmo-user -e 10d -d first");
  const renewal = ["token", "create", "ci", "-e", "20d", "-d", "second", "--if-exists", "renew"];
  expect((await run(renewal)).code).toBe(0);
  expect(await list()).toMatchObject([
    { roles: ["osmo-user"], expiresAt: "2026-12-14T00:00:00Z", description: "second" },
  ]);
});

describe("the credential in use", () => {
  /** Signed in with a token of one's own. */
  async function createSignedIn() {
    const home = createHome();
    const env = { TOKCTL_PROVIDER: "ovh-ai", TOKCTL_URL: home.url };
    const admin = { ...env, TOKCTL_APP_TOKEN: home.bootstrap };
    const { token } = await home.json("token create mine -r ai_training_operator", { env: admin });
    await home.login("-p mine", { stdin: token });
    return home;
  }

  test("is not replaced", async () => {
    const { run } = await createSignedIn();
    const replaced = await run("token create mine -r ai_training_read --if-exists replace");
    expect(replaced.code).toBe(6);
    expect((await run("whoami")).code).toBe(0);
  });

  test("is stored in its profile when it is renewed", async () => {
    const { run, read } = await createSignedIn();
    const { code, stdout } = await run(
      "token create mine -r ai_training_operator --if-exists renew",
    );
    expect(code).toBe(0);
    expect(JSON.parse(read("credentials/mine.json")).token).toBe(stdout.trim());
    expect((await run("whoami")).code).toBe(0);
  });
});

test.each([
  ["ovh-ai", "token create -r ai_training_read --if-exists renew"],
  ["ovh-ai", "token create ci -r ai_training_read --if-exists sometimes"],
  ["ovh-ai", "token create ci -r ai_training_read --if-exists renew --preview"],
  ["ovh-serving", "token create -r model-evaluation --resource iris --if-exists renew"],
])("%s: %s ends with 2 before anything is sent", async (api, line) => {
  const { run, requests } = createServer(api);
  expect((await run(line)).code).toBe(2);
  expect(requests).toEqual([]);
});
