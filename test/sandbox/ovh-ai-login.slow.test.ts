import { afterAll, beforeAll, expect } from "vitest";
import { type Listening, listen } from "../../src/sandbox/listen.ts";
import { browserTest, useBrowser } from "../support/browser.ts";
import { type RegionalApi, startRegionalApi } from "../support/regional-api.ts";

const openTab = useBrowser();
let api: RegionalApi;
let listening: Listening;

beforeAll(async () => {
  api = startRegionalApi([]);
  listening = await listen(api.sandbox, { host: "127.0.0.1", port: 0 });
});

afterAll(() => listening.close());

/** An app labelled `group=A`, and its URL. */
async function makeApp() {
  const id = await api.make("app", { labels: { group: "A" } });
  return { id, url: `http://${id}.app.localhost:${new URL(listening.url).port}/` };
}

browserTest("a token typed into the login page opens the app", async () => {
  const { url } = await makeApp();
  const [good, other] = [
    await api.token("ai_training_read", "group=A"),
    await api.token("ai_training_read", "group=B"),
  ];
  const tab = await openTab();
  const problems: string[] = [];
  tab.on("pageerror", ({ message }) => problems.push(message));
  tab.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) problems.push(message.text());
  });

  const connect = async (token: string) => {
    await tab.getByLabel("Token", { exact: true }).fill(token);
    await tab.getByRole("button", { name: "Connect" }).click();
  };

  expect((await tab.goto(url))?.status()).toBe(401);
  expect(await tab.getByLabel("Token", { exact: true }).isVisible()).toBe(false);
  await tab.getByText("Login with token").click();
  const [refused] = await Promise.all([tab.waitForResponse(/login$/), connect(other.value)]);
  expect(refused.status()).toBe(403);
  await connect(good.value);
  await tab.getByText("Hello, World!").waitFor();

  expect(tab.url()).toBe(url);
  expect(await tab.evaluate("document.cookie")).toBe("");
  const [cookie, ...others] = await tab.context().cookies();
  expect(others).toEqual([]);
  expect(cookie).toMatchObject({ domain: new URL(url).hostname, httpOnly: true, sameSite: "Lax" });
  expect(problems).toEqual([]);
});

browserTest("a session ends with its token and is valid for one app", async () => {
  const [one, other] = [await makeApp(), await makeApp()];
  const { id, value } = await api.token("ai_training_read", "group=A");
  const tab = await openTab();
  await tab.goto(one.url);
  await tab.getByText("Login with token").click();
  await tab.getByLabel("Token", { exact: true }).fill(value);
  await tab.keyboard.press("Enter");
  await tab.getByText("Hello, World!").waitFor();

  expect((await tab.goto(other.url))?.status()).toBe(401);
  expect((await tab.goto(one.url))?.status()).toBe(200);
  await api.call("DELETE", `/v1/token/${id}`);
  expect((await tab.reload())?.status()).toBe(401);
  expect(await tab.getByText("Login with token").isVisible()).toBe(true);
});
