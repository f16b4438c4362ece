import { existsSync, lstatSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import { createHome } from "../support/home.ts";

const files = {
  bash: ".local/share/bash-completion/completions/tokctl",
  zsh: ".local/share/zsh/site-functions/_tokctl",
  fish: ".config/fish/completions/tokctl.fish",
  powershell: ".config/powershell/Microsoft.PowerShell_profile.ps1",
};

test.each(Object.entries(files))(
  "for %s the script is installed once and can be uninstalled",
  async (shell, file) => {
    const home = createHome();
    const script = (await home.run(`completion ${shell}`)).stdout;
    const path = home.path(file);
    const installed = await home.run(`completion ${shell} --install`);
    expect(installed).toMatchObject({
      code: 0,
      stdout: `completion for ${shell} installed in ${path}\n`,
    });
    expect(home.read(file)).toContain(script);
    const before = statSync(path);
    expect((await home.json(`completion ${shell} --install`)).outcome).toBe("unchanged");
    expect(statSync(path).ino).toBe(before.ino);
    expect(await home.json(`completion ${shell} --uninstall`)).toEqual({
      shell,
      path,
      outcome: "removed",
    });
    expect(existsSync(path)).toBe(false);
    expect((await home.json(`completion ${shell} --uninstall`)).outcome).toBe("absent");
  },
);

test("directories from the environment come first", async () => {
  const home = createHome();
  const at = async (shell: string, env: Record<string, string>) =>
    (await home.json(`completion ${shell} --install`, { env })).path;
  const data = { XDG_DATA_HOME: home.path("data"), XDG_CONFIG_HOME: home.path("config") };
  expect(await at("bash", data)).toBe(home.path("data/bash-completion/completions/tokctl"));
  expect(await at("bash", { ...data, BASH_COMPLETION_USER_DIR: home.path("own") })).toBe(
    home.path("own/completions/tokctl"),
  );
  expect(await at("zsh", data)).toBe(home.path("data/zsh/site-functions/_tokctl"));
  expect(await at("fish", data)).toBe(home.path("config/fish/completions/tokctl.fish"));
  expect(await at("bash", { XDG_DATA_HOME: "relative" })).toBe(home.path(files.bash));
});

test("an older script is replaced, and a file of another program is not changed", async () => {
  const home = createHome();
  home.write(files.bash, "# Completes tokctl. Written by: tokctl completion bash\nold\n");
  expect((await home.json("completion bash --install")).outcome).toBe("installed");
  expect(home.read(files.bash)).not.toContain("old");
  home.write(files.bash, "# mine\n");
  for (const option of ["--install", "--uninstall"])
    expect(errorOf(await home.run(`completion bash ${option}`))).toMatchObject({
      code: "usage",
      message: expect.stringContaining(home.path(files.bash)),
    });
  expect(home.read(files.bash)).toBe("# mine\n");
});

test("the rest of a PowerShell profile is not changed, and a symbolic link is kept", async () => {
  const home = createHome();
  home.write("dotfiles/profile.ps1", "Set-Alias k kubectl\n", 0o640);
  home.write(".config/powershell/empty", "");
  symlinkSync(home.path("dotfiles/profile.ps1"), home.path(files.powershell));
  await home.run("completion powershell --install");
  home.write(
    "dotfiles/profile.ps1",
    `${home.read("dotfiles/profile.ps1")}Set-Alias t tokctl\n`,
    0o640,
  );
  await home.run("completion powershell --install");
  const text = home.read("dotfiles/profile.ps1");
  expect(text.match(/Register-ArgumentCompleter/g)).toHaveLength(1);
  expect(text).toContain("Set-Alias k kubectl\nSet-Alias t tokctl\n");
  expect(lstatSync(home.path(files.powershell)).isSymbolicLink()).toBe(true);
  expect(statSync(home.path(files.powershell)).mode & 0o777).toBe(0o640);
  await home.run("completion powershell --uninstall");
  expect(home.read("dotfiles/profile.ps1")).toBe("Set-Alias k kubectl\nSet-Alias t tokctl\n");
});

test("without a writable directory it is exit 2", async () => {
  const home = createHome();
  const homeless = await home.run("completion bash --install", { env: { HOME: "" } });
  expect([homeless.code, errorOf(homeless).code]).toEqual([2, "usage"]);
  home.write(".local", "a file");
  expect(errorOf(await home.run("completion bash --install"))).toMatchObject({
    code: "usage",
    message: expect.stringContaining(home.path(files.bash)),
  });
  expect((await home.run("completion bash --install --uninstall")).code).toBe(2);
});

test("the directories are writable by the owner only, and a link in place of the script is replaced", async () => {
  const home = createHome();
  const old = process.umask(0o002);
  try {
    await home.run("completion zsh --install");
  } finally {
    process.umask(old);
  }
  const path = home.path(files.zsh);
  for (let folder = dirname(path); folder !== home.path(".local"); folder = dirname(folder))
    expect(statSync(folder).mode & 0o022).toBe(0);
  expect(readdirSync(dirname(path))).toEqual(["_tokctl"]);

  home.write("elsewhere", "# Written by: tokctl completion fish\nold\n");
  home.write(`${files.fish}.unused`, "");
  symlinkSync(home.path("elsewhere"), home.path(files.fish));
  expect((await home.json("completion fish --install")).outcome).toBe("installed");
  expect(home.read("elsewhere")).toContain("old");
  expect(lstatSync(home.path(files.fish)).isSymbolicLink()).toBe(false);
});
