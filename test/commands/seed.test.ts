import { expect, test } from "vitest";
import { createHome } from "../support/home.ts";

const exec = (file: string) => ["sandbox", "exec", "--seed", file, "--", "true"];

test("a seed that is broken is named with its line, before anything is served or run", async () => {
  const home = createHome();
  home.write("seed.yaml", "apps:\n  - name: hello\n");
  const path = home.path("seed.yaml");
  const { code, stderr } = await home.run(["-o", "json", ...exec(path)]);
  expect(code).toBe(2);
  expect(JSON.parse(stderr).error).toMatchObject({
    code: "usage",
    message: `${path} is no seed for the sandbox: line 2: apps[0].image must be a non-empty string.`,
    hint: expect.stringContaining("{apps: [{"),
  });
});

test("a seed that can't be read is an error", async () => {
  const home = createHome();
  for (const [file, reason] of [
    ["nothing.yaml", "ENOENT"],
    [".", "EISDIR"],
  ] as const) {
    const { code, stderr } = await home.run(exec(home.path(file)));
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
  }
});
