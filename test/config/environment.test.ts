import { describe, expect, test } from "vitest";
import { variables } from "../../src/cli/help/environment.ts";
import { createHome } from "../support/home.ts";

/** Every TOKCTL_ variable, with an invalid value. */
const wrong = Object.values(variables)
  .flatMap((group) => Object.keys(group))
  .filter((name) => name.startsWith("TOKCTL_"))
  .flatMap((name) => ["\u0001", "constructor", "__proto__"].map((value) => [name, value] as const));

/** Commands that need no target and send nothing. */
const local = ["--version", "--help", "help", "help environment", "explain usage"];
const scripts = ["completion bash", "completion zsh"];

describe("an invalid variable does not break commands that don't use it:", () => {
  test.each(wrong)("%s=%j", async (name, value) => {
    for (const line of [...local, ...scripts]) {
      const { code, stdout } = await createHome().run(line, { env: { [name]: value } });
      expect({ line, code, isEmpty: stdout === "" }).toEqual({ line, code: 0, isEmpty: false });
    }
  });

  test.each(wrong)("profile list and logout with %s=%j", async (name, value) => {
    const home = createHome();
    await home.login("-p work");
    const env = { [name]: value };
    // These two change where profiles are stored and how they are printed.
    if (["TOKCTL_CONFIG_DIR", "TOKCTL_OUTPUT"].includes(name)) return;
    expect(await home.run("profile list -o json", { env })).toMatchObject({ code: 0 });
    expect(await home.run("profile use work", { env })).toMatchObject({ code: 0 });
    expect(await home.run("logout -p work", { env })).toMatchObject({ code: 0 });
  });
});

test.each([
  ["TOKCTL_RETRIES", "x"],
  ["TOKCTL_OUTPUT", "xml"],
  ["TOKCTL_CREDENTIAL_STORE", "x"],
])("doctor reports %s=%s and runs every other check", async (name, value) => {
  const home = createHome();
  await home.login("-p work");
  const options = { env: { [name]: value } };
  const { code, stdout } = await home.run("doctor -o json", options);
  const failed = JSON.parse(stdout).filter((each: { status: string }) => each.status === "failed");
  expect(code).toBe(2);
  expect(failed[0]).toMatchObject({ name: "environment", code: "usage" });
  expect(failed[0].detail).toContain(name);
  expect(failed).not.toContainEqual(expect.objectContaining({ code: "unexpected" }));
  expect(JSON.parse(stdout)).toContainEqual(
    expect.objectContaining({ name: "connection", status: "ok" }),
  );
  expect((await home.run("doctor", options)).code).toBe(2);
});

test("profile show shows an invalid number of retries, and token list is exit 2", async () => {
  const home = createHome();
  await home.login("-p work");
  const env = { TOKCTL_RETRIES: "x" };
  const rows = await home.json("profile show", { env });
  expect(rows).toContainEqual({ key: "retries", value: "x", source: "environment" });
  const sent = home.requests.length;
  expect(await home.run("token list", { env })).toMatchObject({ code: 2 });
  expect(home.requests).toHaveLength(sent);
  expect(await home.run("token list --retries 1", { env })).toMatchObject({ code: 0 });
});
