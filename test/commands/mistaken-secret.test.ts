import { expect, test } from "vitest";
import { createHome } from "../support/home.ts";

const secrets = [
  "honyZpUrCrdNJSHDHONbl+fIJi71NGSLOULHup0iNTc3ZwmsLeWx2usgKydJ/rNg",
  "O7TSfkoR03mUnKvCm7Aiv8DPCJPf6m2mRKUHo-f4T0Y",
  "0b2c3d4e5f60718293a4b5c6d7e8f901",
  `eyJhbGciOiJIUzI1NiJ9.${"QWJj3dEF".repeat(12)}.c2lnbmF0dXJl`,
];

const lines = [
  "token list --app-token-file SECRET",
  "token revoke SECRET",
  "token revoke SECRET gone -y",
  "token get SECRET --debug",
  "token renew SECRET",
  "token check SECRET",
  "token create ci -r SECRET",
  "token create ci extra SECRET -r read",
  "token list --role SECRET",
  "token list --sort SECRET",
  "token list -o SECRET",
  "token list -l SECRET=a=b",
  "token list --url SECRET",
  "token list --url https://SECRET --debug",
  "token list --region SECRET",
  "token list --provider SECRET",
  "token list --timeout SECRET",
  "token list --ca-file SECRET",
  "token list -p SECRET",
  "token list -pSECRET",
  "tokn list SECRET",
  "token lst SECRET",
  "token SECRET",
  "SECRET",
  "explain SECRET",
  "completion SECRET",
  "help SECRET",
  "profile use SECRET",
  "profile remove SECRET",
  "profile set url SECRET",
  "profile set SECRET x",
  "login SECRET",
  "login ovh-ai --method SECRET",
  "app get SECRET",
  "token create ci -r read --to SECRET",
  "recover SECRET",
];

test.each(lines)("`%s` does not print the secret", async (line) => {
  const home = createHome();
  await home.login("-p work");
  for (const secret of secrets)
    for (const format of ["text", "json"]) {
      const words = line.split(" ").map((word) => word.replace("SECRET", secret));
      const { code, stdout, stderr } = await home.run(words, { env: { TOKCTL_OUTPUT: format } });
      expect(code).not.toBe(0);
      const shown = `${stdout}${stderr}`.toLowerCase();
      expect([words, shown]).toEqual([
        words,
        expect.not.stringContaining(secret.slice(8, 20).toLowerCase()),
      ]);
    }
});

test.each(["token revoke SECRET", "token get SECRET", "profile use SECRET", "SECRET"])(
  "the hint of `%s` recommends to revoke the secret",
  async (line) => {
    const home = createHome();
    await home.login("-p work");
    const words = line.replace("SECRET", secrets[0] ?? "").split(" ");
    const { stderr } = await home.run([...words, "-o", "json"]);
    expect(JSON.parse(stderr).error.hint).toMatch(/revoke/);
  },
);

test("an ordinary name or id is shown as it is", async () => {
  const home = createHome();
  await home.login("-p work");
  for (const word of ["nightly-build-2024-11-29", "31a502ed-c585-4e32-bac5-c1827cd63761"])
    expect((await home.run(["token", "get", word])).stderr).toContain(word);
});
