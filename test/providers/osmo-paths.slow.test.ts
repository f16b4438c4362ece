import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { createWorld } from "../support/world.ts";

const tokenPath = /^\/api\/auth\/(user\/[^/]+\/)?access_token(\/[^/]+){0,2}$/;
const validName = /^[a-zA-Z]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$/;
const validUser = /^[a-zA-Z0-9]([a-zA-Z0-9_.@-]*[a-zA-Z0-9])?$/;

/** Parts of URLs with a special meaning, and parts without one. */
const pieces = [
  "/",
  "\\",
  "#",
  "?",
  "%",
  "%2e",
  "%2F",
  "%00",
  "..",
  ".",
  ";",
  ":",
  "@",
  "&",
  "=",
  "+",
  " ",
  "\0",
  "\n",
  "\r",
  "\t",
  "\u00a0",
  "\u200b",
  "\u202e",
  "\uff0f",
  "\ud800",
  "\udc00",
  "é",
  "🦊",
  "-",
  "_",
  "a",
  "Z",
  "9",
  "carol",
  "user",
  "roles",
  "access_token",
];
const arbitraryText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  // Any UTF-16 there can be, halves of surrogate pairs too.
  fc
    .array(fc.integer({ max: 0xffff }), { maxLength: 8 })
    .map((units) => String.fromCharCode(...units)),
  fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((parts) => parts.join("")),
);
const anyName = fc.oneof(arbitraryText, fc.stringMatching(validName));
const anyUser = fc.option(fc.oneof(arbitraryText, fc.stringMatching(validUser)), {
  nil: undefined,
});

/** A service that has every token, and records the paths of the requests. */
function recording(name: string, user: string | undefined) {
  const paths: string[] = [];
  const token = {
    user_name: user ?? "testuser",
    token_name: name || "nameless",
    expires_at: "2027-01-15T00:00:00",
    description: null,
    roles: ["osmo-user"],
  };
  let exists = true;
  const fetch: Fetch = async (url, { method }) => {
    // The path that an HTTP client sends, without the fragment.
    const { pathname } = new URL(url);
    paths.push(pathname);
    if (method === "POST") return Response.json("A".repeat(43));
    if (method === "DELETE") {
      exists = false;
      return Response.json(null);
    }
    if (/\/roles$/.test(pathname)) return Response.json({ roles: [] });
    return Response.json(exists ? [token] : []);
  };
  return {
    fetch,
    paths,
    forget: () => {
      exists = false;
    },
  };
}

const verbs = ["create", "get", "list", "renew", "delete", "roles"] as const;

/** Runs a verb with this name and user; `list` takes no name. */
async function ask(verb: (typeof verbs)[number], name: string, user: string | undefined) {
  const { fetch, paths, forget } = recording(name, user);
  if (verb === "create") forget();
  const { code } = await createWorld("osmo").run(
    [
      ...["token", verb, "--user-header", "testuser"],
      ...(user === undefined ? [] : [`--user=${user}`]),
      ...(verb === "list" ? [] : ["--", name]),
    ],
    { fetch },
  );
  return { code, paths };
}

/** Returns the user and the token in a path. */
function meaningOf(path: string) {
  const segments = path.split("/").slice(3);
  const user = segments[0] === "user" ? segments[1] : undefined;
  const [resource, name, ending, ...rest] = user === undefined ? segments : segments.slice(2);
  return {
    user: user === undefined ? undefined : decodeURIComponent(user),
    resource,
    name: name === undefined ? undefined : decodeURIComponent(name),
    ending,
    rest,
  };
}

/** Removes the suffix of the probe that a renew creates. */
const withoutProbe = (name: string | undefined) => name?.replace(/-probe-[0-9a-f]{8}$/, "");

describe("with any name and user, requests go only to the tokens of that user:", () => {
  test.each(verbs)("token %s", async (verb) => {
    await fc.assert(
      fc.asyncProperty(anyName, anyUser, async (name, user) => {
        const { code, paths } = await ask(verb, name, user);
        const possible =
          (verb === "list" || validName.test(name)) && (user === undefined || validUser.test(user));
        expect(code).toBe(possible ? 0 : 2);
        expect(paths.length > 0).toBe(possible);
        for (const path of paths) {
          expect(path).toMatch(tokenPath);
          const about = meaningOf(path);
          expect(about).toMatchObject({ user, resource: "access_token", rest: [] });
          expect([undefined, name]).toContain(withoutProbe(about.name));
          expect([undefined, "roles"]).toContain(about.ending);
          if (about.ending === "roles") expect({ verb, user }).toEqual({ verb: "roles" });
        }
      }),
      { numRuns: 120 },
    );
  });

  test.each([
    ["create", ["", "/ci", ""]],
    ["get", [""]],
    ["list", [""]],
    ["renew", ["", "", "/ci-probe", "/ci-probe", "/ci", "/ci", ""]],
    ["delete", ["", "/ci"]],
    ["roles", ["", "/ci/roles"]],
  ] as const)("token %s sends the expected requests", async (verb, expected) => {
    const { code, paths } = await ask(verb, "ci", undefined);
    expect(code).toBe(0);
    expect(paths.map((path) => path.replace(/-probe-[0-9a-f]{8}$/, "-probe"))).toEqual(
      expected.map((rest) => `/api/auth/access_token${rest}`),
    );
    const others = await ask(verb, "ci", "a.b_c@example.com");
    expect(others.code).toBe(0);
    for (const path of others.paths)
      expect(path).toMatch(
        /^\/api\/auth\/user\/a\.b_c(@|%40)example\.com\/access_token(\/ci(-probe-[0-9a-f]{8})?)?$/,
      );
  });

  test.each(["roles", "access_token", "user"])("accepts the token name %s", async (name) => {
    for (const verb of verbs.filter((each) => each !== "list")) {
      const { code, paths } = await ask(verb, name, undefined);
      expect(code).toBe(0);
      for (const path of paths)
        expect([undefined, name]).toContain(withoutProbe(meaningOf(path).name));
    }
  });
});

describe("rejects the path injection of `osmo token delete t --user 'carol#'`, which deletes a user:", () => {
  const carol = "other-user@example.com";

  test.each([
    [`${carol}#`],
    [`${carol}?`],
    [`${carol}#/access_token/t`],
    [`${carol}%23`],
    [`${carol}/`],
    [`${carol}/roles/osmo-user`],
    ["carol#"],
    [".."],
    ["."],
    ["a/../b"],
    [`a/../${carol}`],
    [`%2e%2e/user/${carol}`],
    [""],
  ])("--user %j", async (user) => {
    const world = createWorld("osmo");
    const users = async () => {
      const reply = await world.sandbox.request(`${world.origin}/api/auth/user/${carol}`, {
        headers: { "x-osmo-user": "testuser" },
      });
      return { status: reply.status, body: await reply.json() };
    };
    const before = await users();
    for (const name of ["t", "old-token"])
      expect(await world.run(["token", "delete", name, "--user", user])).toMatchObject({
        code: 2,
        stdout: "",
      });
    expect(world.requests).toEqual([]);
    expect(before.status).toBe(200);
    expect(await users()).toEqual(before);
  });

  test.each(["..", ".", "a/../b", "t#", "t?", "../../user/carol", "..%2f..%2fuser", "roles/"])(
    "the token %j",
    async (name) => {
      const { run, requests } = createWorld("osmo");
      expect(await run(["token", "delete", "--", name])).toMatchObject({ code: 2, stdout: "" });
      expect(requests).toEqual([]);
    },
  );
});
