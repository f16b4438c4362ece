import { expect, test } from "vitest";
import { openTerminal, runShell, runTokctl, useSandbox } from "../support/spawn.ts";

const environment = useSandbox();

test("tokens are piped from list to renew and delete", async () => {
  const env = environment();
  for (const name of ["p1", "p2"])
    await runTokctl(["token", "create", name, "-r", "read", "-q"], { env });
  const renewed = await runShell(
    "tokctl token list --name 'p*' -o json | tokctl token renew - -y | while read -r id secret; do [ -n \"$secret\" ] && tokctl token get $id -q; done",
    { env },
  );
  expect(renewed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^(?:[0-9a-f-]{36}\n){2}$/),
  });
  const deleted = await runShell(
    "tokctl token list --name 'p*' -q | tokctl token delete - -y -o json",
    { env },
  );
  expect(deleted.code).toBe(0);
  expect(JSON.parse(deleted.stdout)).toMatchObject([{ name: "p1" }, { name: "p2" }]);
});

test("^C at the question deletes nothing", async () => {
  const env = environment();
  for (const name of ["q1", "q2"])
    await runTokctl(["token", "create", name, "-r", "read", "-q"], { env });
  const terminal = openTerminal("tokctl token delete --name 'q*'", { env });
  await terminal.screen.until(/\[y\/N\]/);
  terminal.type("\x03");
  expect((await terminal.ended).code).toBe(130);
  const { stdout } = await runTokctl(["token", "list", "--name", "q*", "-q"], { env });
  expect(stdout.trim().split("\n")).toHaveLength(2);
});
