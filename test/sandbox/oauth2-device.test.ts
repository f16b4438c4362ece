import { describe, expect, test } from "vitest";
import { base, startSandbox } from "../support/sign-in.ts";

const client = { client_id: "osmo-device" };

/** A device with its code, and the credentials of its user. */
async function startDevice(scope?: string) {
  const started = startSandbox();
  const { user, password } = started.logins.osmo;
  const fields = { ...client, ...(scope && { scope }) };
  const device = (await started.post(`${base}/device`, fields)).body;
  const poll = (more: Record<string, string> = {}) =>
    started.token({
      ...client,
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      device_code: device.device_code,
      ...more,
    });
  const errorOf = async (more?: Record<string, string>) => (await poll(more)).body.error;
  return { ...started, device, poll, errorOf, typed: { username: user, password } };
}

describe("a device", () => {
  test("gets a device code and a user code", async () => {
    const { post } = startSandbox();
    const scope = "openid offline_access profile";
    const { status, headers, body } = await post(`${base}/device`, { ...client, scope });
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toEqual({
      device_code: expect.stringMatching(/^[\w-]{43}$/),
      user_code: expect.stringMatching(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/),
      verification_uri: `${base}/device/approve`,
      verification_uri_complete: `${base}/device/approve?user_code=${body.user_code}`,
      expires_in: 600,
      interval: 5,
    });
  });

  test.each([
    ["unknown", { client_id: "nobody" }, 401, "invalid_client"],
    ["not made for it", { client_id: "osmo-browser" }, 400, "unauthorized_client"],
    ["asking for too much", { ...client, scope: "all" }, 400, "invalid_scope"],
  ])("is refused when %s", async (_what, fields, status, error) => {
    const reply = await startSandbox().post(`${base}/device`, fields);
    expect(reply).toMatchObject({ status, body: { error } });
  });

  test("must wait until the user answers", async () => {
    const { poll, advance } = await startDevice();
    for (let i = 0; i < 3; i++) {
      expect(await poll()).toMatchObject({ status: 400, body: { error: "authorization_pending" } });
      advance(5);
    }
  });

  test("that polls too fast must slow down further each time", async () => {
    const { errorOf, advance } = await startDevice();
    expect(await errorOf()).toBe("authorization_pending");
    advance(4);
    expect(await errorOf()).toBe("slow_down");
    advance(9);
    expect(await errorOf()).toBe("slow_down");
    advance(15);
    expect(await errorOf()).toBe("authorization_pending");
  });

  test("gets an error if its code has expired", async () => {
    const { errorOf, advance, open, device, typed } = await startDevice();
    advance(599);
    expect(await errorOf()).toBe("authorization_pending");
    advance(1);
    expect(await errorOf()).toBe("expired_token");
    const late = await (await open(device.verification_uri_complete)).submit("Approve", typed);
    expect(late).toMatchObject({ status: 403, says: expect.stringContaining("expired") });
  });

  test("needs a valid code that was issued to its client", async () => {
    const { errorOf } = await startDevice();
    expect(await errorOf({ device_code: "A".repeat(43) })).toBe("invalid_grant");
    expect(await errorOf({ device_code: "" })).toBe("invalid_request");
    expect(await errorOf({ client_id: "osmo-browser" })).toBe("unauthorized_client");
  });
});

describe("the user of a device", () => {
  test("approves, and the device gets its tokens once", async () => {
    const { device, poll, errorOf, open, typed, get } = await startDevice("openid");
    const page = await open(device.verification_uri_complete);
    const done = await page.submit("Approve", typed);
    expect(done).toMatchObject({ status: 200, says: expect.stringMatching(/./) });
    const { status, body } = await poll();
    expect({ status, scope: body.scope }).toEqual({ status: 200, scope: "openid" });
    expect(await get("/api/profile/settings", body.id_token)).toMatchObject({
      status: 200,
      body: { profile: { username: "testuser" } },
    });
    expect(await errorOf()).toBe("invalid_grant");
  });

  test("can type the code in lower case and with a space", async () => {
    const { device, poll, open, typed } = await startDevice();
    const page = await open(device.verification_uri);
    const user_code = ` ${device.user_code.replace("-", " ").toLowerCase()} `;
    expect((await page.submit("Approve", { ...typed, user_code })).status).toBe(200);
    expect((await poll()).status).toBe(200);
  });

  test("can deny access without a password", async () => {
    const { device, errorOf, open } = await startDevice();
    const done = await (await open(device.verification_uri_complete)).submit("Deny");
    expect(done).toMatchObject({ status: 200, says: expect.stringMatching(/./) });
    expect(await errorOf()).toBe("access_denied");
    expect(await errorOf()).toBe("access_denied");
  });

  test("can try again on the same page after a wrong code or password", async () => {
    const { device, poll, errorOf, open, typed } = await startDevice();
    const page = await open(device.verification_uri);
    const unknown = await page.submit("Approve", { ...typed, user_code: "BBBB-BBBB" });
    expect(unknown).toMatchObject({ status: 403, says: expect.stringContaining("code") });
    const user_code = device.user_code;
    const wrong = await unknown.submit("Approve", { ...typed, user_code, password: "wrong" });
    expect(wrong).toMatchObject({ status: 403, says: expect.stringContaining("password") });
    expect(wrong.html).not.toContain('value="wrong"');
    expect(await errorOf()).toBe("authorization_pending");
    expect((await wrong.submit("Approve", { password: typed.password })).status).toBe(200);
    expect((await poll()).status).toBe(200);
  });

  test("of another API is refused", async () => {
    const { device, open, logins } = await startDevice();
    const { user, password } = logins["ovh-ai"];
    const page = await open(device.verification_uri_complete);
    const typed = { username: user, password };
    expect(await page.submit("Approve", typed)).toMatchObject({
      status: 403,
      says: expect.stringContaining("password"),
    });
  });

  test("can decide once, with a form that has not expired", async () => {
    const { device, open, typed, advance, poll } = await startDevice();
    const page = await open(device.verification_uri_complete);
    expect((await page.submit("Approve", { ...typed, form_token: "forged" })).status).toBe(400);
    const other = await open(device.verification_uri_complete);
    expect((await page.submit("Approve", typed)).status).toBe(200);
    expect((await page.submit("Deny")).status).toBe(400);
    expect((await other.submit("Deny")).status).toBe(403);
    expect((await poll()).status).toBe(200);
    advance(600);
    expect((await other.submit("Deny")).status).toBe(400);
  });

  test("gets an accessible page without scripts, with input escaped", async () => {
    const { open, device, typed } = await startDevice();
    const evil = `"><script>alert(1)</script>&'`;
    const page = await open(`${device.verification_uri}?user_code=${encodeURIComponent(evil)}`);
    expect(page.html).not.toContain("<script");
    expect(page.inputs.find(({ name }) => name === "user_code")?.value).toBe(evil);
    const visible = page.inputs.filter(({ type }) => type !== "hidden").map(({ id }) => id);
    expect(page.labels).toEqual(visible);
    expect(page.html).toMatch(/<html lang="en">.*<title>[^<]/s);
    expect(page.html).not.toMatch(/(src|href)=|@import|url\(/);
    expect(page.headers.get("content-security-policy")).toMatch(
      /default-src 'none'.*frame-ancestors 'none'/,
    );
    expect(page.headers.get("cache-control")).toBe("no-store");
    const again = await page.submit("Approve", { ...typed, username: evil });
    expect(again.html).not.toContain("<script");
    expect(again.inputs.find(({ name }) => name === "username")?.value).toBe(evil);
  });
});

test("a page accepts only forms", async () => {
  const { open } = startSandbox();
  for (const page of ["device/approve", "authorize"]) {
    const init = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
    expect(await open(`${base}/${page}`, init)).toMatchObject({ status: 400 });
  }
});
