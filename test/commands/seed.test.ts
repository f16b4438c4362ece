import { expect, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import { createHome } from "../support/home.ts";

const exec = (file: string) => ["sandbox", "exec", "--seed", file, "--", "true"];

test("an invalid seed is an error with file and line, before anything is served or run", async () => {
  const home = createHome();
  home.write("seed.yaml", "apps:\n  - name: hello\n");
  const path = home.path("seed.yaml");
  const outcome = await home.run(["-o", "json", ...exec(path)]);
  expect(outcome.code).toBe(2);
  const { code, message, hint } = errorOf(outcome);
  expect(code).toBe("usage");
  for (const part of [path, "line 2", "apps[0].image"]) expect(message).toContain(part);
  expect(hint).toContain("{apps: [{");
});

test("an unreadable seed is an error", async () => {
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
