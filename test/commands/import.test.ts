import { expect, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
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

test("lists the profiles it would create, and creates none without confirmation", async () => {
  const home = createHome();
  home.write(".ovh.conf", conf);
  const { code, stdout, stderr } = await home.run("profile import");
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  for (const region of ["ca", "eu"])
    expect(stderr).toMatch(
      new RegExp(`"ovh-${region}".*\\bovh-cloud\\b.*https://${region}\\.api\\.ovh\\.com`),
    );
  expect(stderr).not.toContain("s3cr3t");
  expect(home.files(".")).toEqual([".ovh.conf"]);
});

test("imports every endpoint of an ovh.conf, and makes the default one current", async () => {
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

test("imports a developer login from a given file under a given profile name", async () => {
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
    "tokctl login osmo http://127.0.0.1:8787",
  ],
  [
    "url: http://example.com\nosmo_token: true\ntoken_login: {refresh_token: s3cr3t}\n",
    "--allow-http",
  ],
  ["s3cr3t: [", "ovh.conf"],
  ["", "ovh.conf"],
  ["[ovh-eu]\napplication_secret=s3cr3t\n", "ovh.conf"],
])("%j is exit 2: %s", async (text, named) => {
  const home = createHome();
  home.write("f", text);
  const { code, stderr } = await home.run(["profile", "import", home.path("f"), "-y"]);
  expect({ code, error: errorOf({ stderr }).code }).toEqual({ code: 2, error: "usage" });
  expect(stderr).toContain(named);
  expect(stderr).not.toContain("s3cr3t");
  expect(home.files(".")).toEqual(["f"]);
});

test("names the files it looked for", async () => {
  const home = createHome();
  const { code, stderr } = await home.run("profile import -y");
  expect(code).toBe(2);
  expect(stderr).toContain(home.path(".ovh.conf"));
  const { message } = errorOf(await home.run("profile import /no/file -y"));
  expect(message).toContain("/no/file");
});
