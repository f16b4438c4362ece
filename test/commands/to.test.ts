import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { createHome } from "../support/home.ts";
import { createPlaces } from "../support/places.ts";

describe("a secret with --to", () => {
  test("is the whole content of a file with mode 600", async () => {
    const { create, at, read, mode, owner, files } = createPlaces();
    const { code, stdout } = await create([`file:${at("token")}`]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^.*"ci" \(.*\) to file:.*token\.\n$/);
    expect(await owner(read("token"))).toBe("ci");
    expect(mode("token")).toBe(0o600);
    expect(files()).toEqual(["token", "token.tokctl.json"]);
  });

  test("is the whole stdin of a command", async () => {
    const { create, at, read, owner } = createPlaces();
    expect(await create([`command:cat >'${at("token")}'`])).toMatchObject({ code: 0 });
    expect(await owner(read("token"))).toBe("ci");
  });

  test("replaces the previous one in a .env file, which keeps its mode", async () => {
    const { create, renew, at, read, write, mode, owner } = createPlaces();
    write(".env", "# ours\nA=1\nTOKEN=old # ci\nB=caf\u00e9\n");
    chmodSync(at(".env"), 0o640);
    await create([`env-file:${at(".env")}#TOKEN`]);
    const [, secret = ""] =
      /^# ours\nA=1\n# tokctl TOKEN id=.*\nTOKEN=(\S+) # ci\nB=caf\u00e9\n$/.exec(read(".env")) ??
      [];
    expect(await owner(secret)).toBe("ci");
    expect(mode(".env")).toBe(0o640);
    expect(await renew([`env-file:${at(".env")}#TOKEN`])).toMatchObject({ code: 0 });
    expect(read(".env")).not.toContain(secret);
  });

  test("creates a .env file with mode 600", async () => {
    const { create, at, read, mode, files } = createPlaces();
    await create([`env-file:${at(".env")}#A`, `env-file:${at(".env")}#B`]);
    expect(read(".env")).toMatch(/^# tokctl A id=.*\nA=(\S+)\n# tokctl B id=.*\nB=\1\n$/);
    expect(mode(".env")).toBe(0o600);
    expect(files()).toEqual([".env"]);
  });

  test("is set in the .env file as it is after the create", async () => {
    const { create, at, read, write, mode, sandbox } = createPlaces();
    write(".env", "A=1\n");
    await create([`env-file:${at(".env")}#TOKEN`], {
      fetch: async (url, init) => {
        if (init.method === "POST") {
          write(".env", "A=2\nTOKEN=other\n");
          chmodSync(at(".env"), 0o640);
        }
        return sandbox.request(url, init);
      },
    });
    expect(read(".env")).toMatch(/^A=2\n# tokctl TOKEN id=.*\nTOKEN=(?!other)\S+\n$/);
    expect(mode(".env")).toBe(0o640);
  });

  test("keeps bytes of any encoding in a .env file", async () => {
    const { create, at } = createPlaces();
    const bytes = Buffer.from([0x41, 0x3d, 0xe9, 0xff, 0x0a]);
    writeFileSync(at(".env"), bytes);
    await create([`env-file:${at(".env")}#TOKEN`]);
    expect(readFileSync(at(".env")).subarray(0, 5)).toEqual(bytes);
  });

  test("is written to a dotenv report without quotes", async () => {
    const { create, at, read, write } = createPlaces();
    write("deploy.env", "URL=https://example.com/?a=b\n");
    await create([`gitlab-dotenv:${at("deploy.env")}#TOKEN`]);
    expect(read("deploy.env")).toMatch(/^URL=https:\/\/example.com\/\?a=b\nTOKEN=[^\s'"]+\n$/);
  });

  test("is written to the files of GitHub's runner, and masked once", async () => {
    const { create, github, read, write, owner } = createPlaces();
    const env = github();
    write("runner", "A=1");
    const { stdout } = await create(["github-env:TOKEN", "github-output:my-token"], { env });
    const [, mask = "", ...others] = stdout.split(/^::add-mask::(.*)\n/);
    expect(await owner(mask)).toBe("ci");
    expect(others.join("")).not.toContain(mask);
    const [first, ...lines] = read("runner").split("\n");
    expect(first).toBe("A=1");
    expect(lines).toEqual([
      expect.stringMatching(/^TOKEN<<tokctl_[\da-f]{32}$/),
      mask,
      lines[0]?.split("<<")[1],
      expect.stringMatching(/^my-token<<tokctl_[\da-f]{32}$/),
      mask,
      lines[3]?.split("<<")[1],
      "",
    ]);
    expect(lines[0]?.split("<<")[1]).not.toBe(lines[3]?.split("<<")[1]);
  });

  test("is masked before it is written to the runner's file", async () => {
    const { create, github, read } = createPlaces();
    const env = github();
    let before: string | undefined;
    const write = async () => {
      before ??= read("runner");
    };
    await create(["github-env:TOKEN"], { env, stdout: { write } });
    expect(before).toBe("");
    expect(read("runner")).toContain("TOKEN<<");
  });

  test("is masked with % escaped", async () => {
    const { create, github, read, sandbox } = createPlaces();
    const { stdout } = await create(["github-env:TOKEN"], {
      env: github(),
      fetch: async (url, init) => {
        const reply = await sandbox.request(url, init);
        const { status, ...token } = (await reply.json()) as { status?: object };
        return Response.json(
          { ...token, status: { ...status, value: "half%0Aand%25half" } },
          reply,
        );
      },
    });
    expect(stdout).toContain("::add-mask::half%250Aand%2525half\n");
    expect(read("runner")).toContain("\nhalf%0Aand%25half\n");
  });

  test.each([
    { tool: "wl-copy", env: { WAYLAND_DISPLAY: "wayland-0", DISPLAY: ":0" } },
    { tool: "xclip", env: { DISPLAY: ":0" } },
    { tool: "xsel", env: { DISPLAY: ":0" } },
    { tool: "clip.exe", env: { WSL_DISTRO_NAME: "Debian" } },
  ])("is copied to the clipboard through the stdin of $tool", async ({ tool, env }) => {
    const { create, at, read, owner } = createPlaces();
    mkdirSync(at("bin"));
    const copied = at("copied");
    // Like the real tools, it leaves a child process that holds its output open.
    writeFileSync(
      at(`bin/${tool}`),
      `#!/bin/sh\nprintf '%s ' "$@" >'${copied}.args'; cat >'${copied}'; sleep 60 & echo $! >'${copied}.pid'\n`,
      { mode: 0o755 },
    );
    onTestFinished(() => void process.kill(Number(read("copied.pid"))));
    const PATH = `${at("bin")}:${process.env["PATH"]}`;
    expect(await create(["clipboard"], { env: { ...env, PATH } })).toMatchObject({ code: 0 });
    expect(await owner(read("copied"))).toBe("ci");
    expect(read("copied.args")).not.toContain(read("copied"));
  });

  test.each([
    { format: "-o text" },
    { format: "-o description" },
    { format: "-o json" },
    { format: "-o yaml" },
    { format: "-q" },
    { format: "--debug" },
  ])("is not printed with $format", async ({ format }) => {
    const { create, at, read } = createPlaces();
    const { code, stdout, stderr } = await create([`file:${at("token")}`], {}, format.split(" "));
    expect(code).toBe(0);
    expect(stdout).not.toBe("");
    expect(stdout + stderr).not.toContain(read("token"));
  });

  test("is replaced by its destinations in JSON", async () => {
    const { create, at, json } = createPlaces();
    const to = [`file:${at("token")}`, "command:exit 3"];
    const { code, stdout } = await create(to, {}, ["-o", "json"]);
    expect(code).toBe(9);
    expect(JSON.parse(stdout)).toEqual({
      ...(await json("token get ci")),
      deliveries: [
        { to: to[0], delivered: true },
        {
          to: "command:exit …",
          delivered: false,
          error: {
            code: "partial",
            message: expect.any(String),
            hint: expect.any(String),
            exitCode: 9,
            requestId: null,
          },
        },
      ],
    });
  });

  test("is replaced by the id with -q", async () => {
    const { create, at, json } = createPlaces();
    const { stdout } = await create([`file:${at("token")}`], {}, ["-q"]);
    expect(stdout).toBe(`${(await json("token get ci")).id}\n`);
  });

  test.each(["EPIPE", "ENOSPC"])(
    "is delivered although stdout can't be written (%s)",
    async (code) => {
      const { create, at, read, owner } = createPlaces();
      const write = () => Promise.reject(Object.assign(new Error(), { code }));
      const outcome = await create([`file:${at("token")}`], { stdout: { write } });
      expect(outcome.code).toBe(code === "EPIPE" ? 0 : 1);
      expect(outcome.stderr).toContain(`file:${at("token")}`);
      expect(await owner(read("token"))).toBe("ci");
    },
  );
});

describe("a note about a replaced secret", () => {
  test("names the other token of each destination, which still exists", async () => {
    const places = createPlaces();
    const [a, b, c] = ["A", "B", "C"].map((key) => `env-file:${places.at(".env")}#${key}`);
    await places.create([`${a}`, `${b}`]);
    const { id } = await places.json("token get ci");
    const line = ["token", "create", "other", "-r", "read"];
    const { code, stderr } = await places.run([...line, "--to", `${b}`, "--to", `${c}`]);
    expect(code).toBe(0);
    const notes = stderr.split("\n").filter((each) => each.includes(id));
    expect(notes).toEqual([expect.stringContaining(`"ci" (${id}) in ${b}.`)]);
    expect((await places.run("token get ci")).code).toBe(0);
  });

  test.each([
    ["a renewal of the same token", "token renew ci -y"],
    [
      "a token in place of the same token",
      "token create ci -r read -l group=A --if-exists replace",
    ],
  ])("is not printed for %s", async (_, line) => {
    const places = createPlaces();
    const to = `env-file:${places.at(".env")}#A`;
    await places.create([to]);
    const { code, stderr } = await places.run([...line.split(" "), "--to", to]);
    expect(code).toBe(0);
    expect(stderr).not.toContain(`in ${to}.`);
  });

  test("is not printed for an invalid record", async () => {
    const places = createPlaces();
    places.write(".env", "# tokctl A name=ci\nA=x\n");
    const to = `env-file:${places.at(".env")}#A`;
    const { code, stderr } = await places.create([to]);
    expect(code).toBe(0);
    expect(stderr).not.toContain(`in ${to}.`);
  });
});

describe("--force", () => {
  test("replaces a file, with mode 600", async () => {
    const { create, at, read, write, mode, owner, files } = createPlaces();
    write("token", "old");
    chmodSync(at("token"), 0o644);
    const to = [`file:${at("token")}`];
    const refused = await create(to);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain("--force");
    expect(read("token")).toBe("old");
    expect(await create(to, {}, ["--force"])).toMatchObject({ code: 0 });
    expect(await owner(read("token"))).toBe("ci");
    expect(mode("token")).toBe(0o600);
    expect(files()).toEqual(["token", "token.tokctl.json"]);
  });

  test("keeps the old file until there is a new secret", async () => {
    const { create, at, read, write, files } = createPlaces();
    write("token", "old");
    const fetch = async () => new Response("no", { status: 503 });
    expect(await create([`file:${at("token")}`], { fetch }, ["--force"])).toMatchObject({
      code: 10,
    });
    expect(read("token")).toBe("old");
    expect(files()).toEqual(["token"]);
  });

  test("is allowed for a file that does not exist", async () => {
    const { create, at, read, owner } = createPlaces();
    await create([`file:${at("token")}`], {}, ["--force"]);
    expect(await owner(read("token"))).toBe("ci");
  });
});

test("renewing the credential in use also updates the profile", async () => {
  const home = createHome();
  const env = {
    TOKCTL_PROVIDER: "ovh-ai",
    TOKCTL_URL: home.url,
    TOKCTL_APP_TOKEN: home.bootstrap,
  };
  const { token } = await home.json("token create mine -r ai_training_operator", { env });
  await home.login("-p mine", { stdin: token });
  const renew = `token renew mine --force --to file:${home.path("token")}`;
  const { code, stdout, stderr } = await home.run(renew);
  const secret = home.read("token");
  expect(code).toBe(0);
  expect(JSON.parse(home.read("credentials/mine.json")).token).toBe(secret);
  expect(secret).not.toBe(token);
  expect(stdout + stderr).not.toContain(secret);
  // If no destination receives the secret, the profile still has it.
  const failed = await home.run(["token", "renew", "mine", "--to", "command:false"]);
  expect(failed.code).toBe(9);
  expect(failed.stderr).toMatch(/profile "mine"/i);
  expect((await home.run("whoami")).code).toBe(0);
});
