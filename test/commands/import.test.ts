import { expect, test } from "vitest";
import { createHome } from "../support/home.ts";

const conf = `[default]
endpoint=ovh-ca
[ovh-ca]
application_key=ca-key
application_secret=s3cr3t-ca
consumer_key=s3cr3t-consumer
[ovh-eu]
application_key=eu-key
application_secret=s3cr3t-eu
consumer_key=s3cr3t-consumer
[ovh-us]
application_key=incomplete
`;
const loginYaml = (token: string, url: string) => `dev_login: null
name: me
osmo_token: true
token_login:
  id_token: s3cr3t-jwt
  refresh_token: ${token}
  refresh_url: null
  client_id: null
  username: null
url: ${url}
`;

test("shows what it would make, and makes nothing unless it is told to", async () => {
  const home = createHome();
  home.write(".ovh.conf", conf);
  const { code, stdout, stderr } = await home.run("profile import");
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain('profile "ovh-ca" of ovh-cloud at https://ca.api.ovh.com');
  expect(stderr).toContain('profile "ovh-eu" of ovh-cloud at https://eu.api.ovh.com');
  expect(stderr).not.toContain("s3cr3t");
  expect(home.files(".")).toEqual([".ovh.conf"]);
});

test("takes over every endpoint of an ovh.conf, the default one current", async () => {
  const home = createHome();
  home.write(".ovh.conf", conf, 0o644);
  const { code, stderr } = await home.run("profile import -y");
  expect(code).toBe(0);
  expect(stderr).toContain("tokctl profile set project ID -p ovh-ca");
  expect(stderr).not.toContain("s3cr3t");
  expect(await home.json("profile list")).toMatchObject([
    { name: "ovh-ca", current: true, provider: "ovh-cloud", url: "https://ca.api.ovh.com/1.0" },
    { name: "ovh-eu", current: false, url: "https://eu.api.ovh.com/1.0" },
  ]);
  expect(JSON.parse(home.read("credentials/ovh-eu.json"))).toMatchObject({
    applicationKey: "eu-key",
    applicationSecret: "s3cr3t-eu",
  });
  expect(home.read(".ovh.conf")).toBe(conf);
  expect((await home.run("profile import -y")).code).toBe(2);
});

test.each(["OSMO_CONFIG_FILE_DIR", "XDG_CONFIG_HOME", "HOME"])(
  "finds the access token of osmo's login.yaml by %s",
  async (variable) => {
    const home = createHome("osmo");
    const folder = { OSMO_CONFIG_FILE_DIR: "", XDG_CONFIG_HOME: "/osmo", HOME: "/.config/osmo" }[
      variable
    ];
    const text = loginYaml(home.bootstrap, home.url);
    home.write(`.x${folder}/login.yaml`, text);
    const env = { HOME: undefined, [variable]: home.path(".x") };
    expect((await home.run("profile import -y", { env })).code).toBe(0);
    expect((await home.run("whoami -q")).stdout).toBe("testuser\n");
    expect(home.read(`.x${folder}/login.yaml`)).toBe(text);
  },
);

test("takes over a developer's login from a file that is named, under a name", async () => {
  const home = createHome("osmo");
  home.write(
    "f",
    `url: ${home.url}\nosmo_token: false\ntoken_login: null\ndev_login: {username: testuser}\n`,
  );
  const imported = await home.json(["profile", "import", home.path("f"), "-p", "dev", "-y"]);
  expect(imported).toEqual([
    { profile: "dev", provider: "osmo", url: home.url, from: home.path("f") },
  ]);
  expect((await home.run("whoami -q -p dev")).stdout).toBe("testuser\n");
});

test.each([
  [
    "url: http://127.0.0.1:8787\ntoken_login: {refresh_token: s3cr3t, client_id: c}\n",
    "only the osmo client",
  ],
  [
    "url: http://example.com\nosmo_token: true\ntoken_login: {refresh_token: s3cr3t}\n",
    "unencrypted",
  ],
  ["s3cr3t: [", "no sign-in"],
  ["", "no sign-in"],
  ["[ovh-eu]\napplication_secret=s3cr3t\n", "no sign-in"],
])("%j is exit 2: %s", async (text, said) => {
  const home = createHome();
  home.write("f", text);
  const { code, stderr } = await home.run(["profile", "import", home.path("f"), "-y"]);
  expect(code).toBe(2);
  expect(stderr).toContain(said);
  expect(stderr).not.toContain("s3cr3t");
  expect(home.files(".")).toEqual(["f"]);
});

test("says where it looked", async () => {
  const home = createHome();
  const { code, stderr } = await home.run("profile import -y");
  expect(code).toBe(2);
  expect(stderr).toContain(home.path(".ovh.conf"));
  expect((await home.run("profile import /no/file -y")).stderr).toContain("no file /no/file");
});
