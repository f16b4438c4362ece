import { expect, test } from "vitest";
import { createHome } from "../support/home.ts";

test("whoami returns the profile and the source of the credential", async () => {
  const home = createHome();
  await home.login("-p work");
  expect(await home.json("whoami")).toMatchObject({
    profile: "work",
    credentialSource: "profile",
    credentialName: "work",
  });
  const token = await home.run("token create ci -r ai_training_read -q");
  const env = { TOKCTL_APP_TOKEN: token.stdout.trim() };
  expect(await home.json("whoami", { env })).toMatchObject({
    profile: "work",
    credentialSource: "environment",
    credentialName: "TOKCTL_APP_TOKEN",
  });
  expect(await home.json(`whoami --app-token ${token.stdout.trim()}`)).toMatchObject({
    profile: "work",
    credentialSource: "flag",
    credentialName: "--app-token",
  });
});

test("profile list, profile use and logout name the variables that stay in effect", async () => {
  const home = createHome();
  await home.login("-p work");
  for (const line of ["profile list", "profile use work", "logout"])
    expect((await home.run(line)).stderr).not.toContain("TOKCTL_");
  const env = { TOKCTL_PROVIDER: "ovh-ai", TOKCTL_APP_TOKEN: "secret-of-ci" };
  for (const line of ["profile list", "profile use work"]) {
    const { stderr } = await home.run(line, { env });
    expect(stderr).toContain("TOKCTL_PROVIDER");
    expect(stderr).toContain("TOKCTL_APP_TOKEN");
    expect(stderr).not.toContain("secret-of-ci");
  }
  expect((await home.run("logout -p work", { env })).stderr).toContain("TOKCTL_APP_TOKEN");
});
