import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { expect, test } from "vitest";
import type { Invocation } from "../src/cli/command.ts";
import type { Connection } from "../src/core/connection.ts";
import { Secret } from "../src/core/secret.ts";
import { UsageError } from "../src/errors.ts";
import type { Fetch } from "../src/host.ts";
import type { SinkContext } from "../src/sinks/sink.ts";
import { define, examples } from "./support/sample-command.ts";
import { connect } from "./support/sample-provider/connect.ts";
import { acme } from "./support/sample-provider/index.ts";
import { parse } from "./support/sample-sink.ts";

test("the sample command of CONTRIBUTING.md is the one that is compiled", () => {
  const guide = readFileSync("CONTRIBUTING.md", "utf8");
  const sample = readFileSync("test/support/sample-command.ts", "utf8");
  expect(guide).toContain(`\`\`\`ts\n${sample.replaceAll('"../../src/', '"../../')}\`\`\``);
});

test("the sample command defines options and examples", () => {
  const command = new Command("count");
  define(command, {} as Invocation);
  expect(command.options.map(({ long }) => long)).toEqual(["--user"]);
  expect(examples).toHaveLength(1);
});

test.each(["index", "connect"])(
  "the sample provider's %s.ts of CONTRIBUTING.md is the one that is compiled",
  (name) => {
    const guide = readFileSync("CONTRIBUTING.md", "utf8");
    const sample = readFileSync(`test/support/sample-provider/${name}.ts`, "utf8");
    expect(guide).toContain(`\`\`\`ts\n${sample.replaceAll('"../../../src/', '"../../')}\`\`\``);
  },
);

test("the sample provider lists, creates, renews and deletes tokens", async () => {
  const token = { id: "1", name: "ci", role: "reader", createdAt: "2026-11-23T12:00:00Z" };
  const replies: Readonly<Record<string, unknown>> = {
    "GET /v1/tokens": [token],
    "POST /v1/tokens": { ...token, secret: "first" },
    "POST /v1/tokens/1/secret": { ...token, secret: "second" },
    "DELETE /v1/tokens/1": null,
    "GET /v1/me": { token: "ci", role: "reader" },
  };
  const provider = connect(
    connectionTo(async (url, { method }) =>
      Response.json(replies[`${method} ${new URL(url).pathname}`]),
    ),
    acme,
  );
  const created = await provider.create({ name: "ci", roles: ["reader"] });
  expect([created.id, created.token.reveal()]).toEqual(["1", "first"]);
  const [listed = created] = await provider.list();
  expect(listed).toMatchObject({ id: "1", name: "ci", roles: ["reader"], status: "active" });
  expect((await provider.renew(listed, {})).token.reveal()).toBe("second");
  expect(await provider.delete(listed)).toBeUndefined();
  expect(await provider.whoami()).toMatchObject({ provider: "acme", roles: ["reader"] });
  expect(await provider.tokenInUse()).toEqual({ name: "ci", owner: null });
});

const connectionTo = (fetch: Fetch): Connection => ({
  url: new URL("https://acme.example"),
  projectRefs: {},
  region: undefined,
  credential: { kind: "token", token: new Secret("s3cret") },
  replaceCredential: async (renew) => renew({ kind: "token", token: new Secret("s3cret") }),
  transport: {
    fetch,
    now: () => new Date("2026-11-23T12:00:00Z"),
    deadline: () => new AbortController().signal,
    interrupt: new AbortController().signal,
    timeout: 5000,
    retries: 0,
    notBefore: new Map(),
    userAgent: "test",
    trace: () => {},
    nextRequestNumber: () => 1,
    warn: () => {},
    sleep: async () => {},
    randomBytes: (size) => new Uint8Array(size),
  },
});

test("the sample destination of CONTRIBUTING.md is the one that is compiled", () => {
  const guide = readFileSync("CONTRIBUTING.md", "utf8");
  const sample = readFileSync("test/support/sample-sink.ts", "utf8");
  const inFolder = sample.replaceAll('"../../src/sinks/', '"./').replaceAll('"../../src/', '"../');
  expect(guide).toContain(`\`\`\`ts\n${inFolder}\`\`\``);
});

test("the sample destination stages, writes and discards a file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tokctl-sample-"));
  const path = join(folder, "token.json");
  const context = { force: false } as SinkContext;
  const prepare = () => parse(path).prepare(context);
  await (await prepare()).discard();
  expect(existsSync(path)).toBe(false);
  await (await prepare()).deliver(new Secret("s3cret"), { id: "1" });
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ token: "s3cret" });
  await expect(prepare()).rejects.toMatchObject({ code: "EEXIST" });
  expect(() => parse("token.txt")).toThrow(UsageError);
  rmSync(folder, { recursive: true });
});
