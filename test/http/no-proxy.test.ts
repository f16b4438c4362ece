import { expect, test } from "vitest";
import { isAddressExcepted } from "../../src/http/transport/proxy.ts";
import { createFetch } from "../../src/http/transport/undici.ts";
import { errorOf } from "../support/error-of.ts";
import { createWorld } from "../support/world.ts";

test.each([
  ["[2001:db8::1]", "2001:db8::1", true],
  ["[2001:db8::1]", "[2001:db8::1]", true],
  ["[2001:db8::1]", "2001:DB8:0:0::1", true],
  ["[2001:db8::1]", "2001:db8::2", false],
  ["[2001:db8::1]", "example.com, 2001:db8::/32", true],
  ["[2001:db9::1]", "2001:db8::/32", false],
  ["10.1.2.3", "10.0.0.0/8", true],
  ["10.1.2.3", "a.example 10.1.2.3", true],
  ["11.1.2.3", "10.0.0.0/8", false],
  ["192.0.2.1", "0.0.0.0/0", true],
  ["192.0.2.1", "::/0", false],
  ["192.0.2.1", "192.0.2.0/33", false],
  ["192.0.2.1", "192.0.2.0/", false],
  ["192.0.2.1", "192.0.2.0/24/24", false],
  ["192.0.2.1", "192.0.2.0/-1,1.2/8,/,::,[", false],
  ["example.com", "10.0.0.0/8,::/0,example.com", false],
])("the address %s matches NO_PROXY=%s: %s", (hostname, noProxy, expected) => {
  expect(isAddressExcepted(hostname, noProxy)).toBe(expected);
});

test.each(["ALL_PROXY", "all_proxy"])(
  "rejects a SOCKS proxy in %s before anything is sent",
  async (name) => {
    const { code, stderr } = await createWorld().run("whoami -o json", {
      env: { [name]: "socks5://user:s3cr3t@127.0.0.1:1", TOKCTL_URL: "https://192.0.2.1" },
      createFetch,
    });
    expect(code).toBe(2);
    const error = errorOf({ stderr });
    expect(error.code).toBe("usage");
    expect(error.message).toContain(name);
    expect(stderr).not.toContain("s3cr3t");
  },
);

test("uses an HTTP proxy in ALL_PROXY if no other is set", async () => {
  const run = async (env: Record<string, string>) => {
    const outcome = await createWorld().run("whoami -o json --retries 0", {
      env: { TOKCTL_URL: "https://192.0.2.1", ...env },
      createFetch,
    });
    return errorOf(outcome).message;
  };
  expect(await run({ ALL_PROXY: "http://127.0.0.1:1" })).toContain("127.0.0.1:1");
  expect(
    await run({ ALL_PROXY: "http://127.0.0.1:1", HTTPS_PROXY: "http://127.0.0.2:1" }),
  ).toContain("127.0.0.2:1");
});
