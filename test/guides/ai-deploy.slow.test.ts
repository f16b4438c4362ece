import { expect } from "vitest";
import { browserTest, useBrowser } from "../support/browser.ts";
import { loginWithToken, useShell, walk } from "../support/reader.ts";

// The steps of the guide "AI Deploy - Accessing your app with tokens", with `tokctl` instead of
// `ovhai` and the Control Panel.
const { shell, json, query } = useShell();
const openTab = useBrowser();

const image = "infrastructureascode/hello-world";
const opened = "Hello, World! 200";

walk("an app is made accessible with tokens", async () => {
  // The labels that each app has.
  const existing = await shell(`tokctl app run ${image} -q`);
  const { url, labels } = await json("tokctl app get $APP", { APP: existing });
  expect(labels).toEqual({ "ovh/id": existing, "ovh/type": "app" });
  // They are overwritten if they are given, so that giving them is refused.
  await shell(`! tokctl app run ${image} --label ovh/type=job`);

  // Adding a label during app creation; several, by repeating it.
  const labelled = await json(`tokctl app run ${image} --label group=A --label team=red`);
  expect(labelled.labels).toMatchObject({ group: "A", team: "red" });

  // Adding a label to an existing app: "found in the app details or by running ovhai app ls".
  expect(await shell("tokctl app ls -q")).toContain(existing);
  await shell("tokctl app set-label $APP group A", { APP: existing });
  const [, first] = (await shell("tokctl app get $APP", { APP: existing })).split("\n");
  expect(first).toMatch(/^ {2}Labels: +.*group=A/);

  // Read token.
  const reader = await shell(
    "tokctl token create reader-token --role read --label-selector group=A",
  );
  expect(await shell("tokctl token list")).toMatch(/reader-token +ai_training_read +group=A/);
  const later = await json(`tokctl app run ${image} --label group=A`);
  for (const each of [url, labelled.url, later.url]) expect(await query(each, reader)).toBe(opened);
  await shell("! tokctl app stop $APP --app-token $TOKEN", { APP: existing, TOKEN: reader });

  // Operator token.
  const operator = await shell(
    "tokctl token create operator-token --role operator --label-selector group=A",
  );
  const as = { APP: existing, TOKEN: operator };
  expect(await json("tokctl app stop $APP --app-token $TOKEN", as)).toMatchObject({
    state: "STOPPED",
  });
  expect(await query(url, operator)).toMatch(/ 503$/);
  await shell("tokctl app start $APP --app-token $TOKEN", as);
  expect(await query(url, operator)).toBe(opened);

  // Scoped to one app, by its id.
  const single = await shell("tokctl token create single -r operator -l ovh/id=$APP", {
    APP: existing,
  });
  expect(await query(url, single)).toBe(opened);
  expect(await query(labelled.url, single)).toMatch(/ 403$/);

  // Another group is closed to them all.
  const other = await json(`tokctl app run ${image} --label group=B`);
  for (const token of [reader, operator, single])
    expect(await query(other.url, token)).toMatch(/ 403$/);
  expect(await query(other.url, "wrong")).toMatch(/ 401$/);

  // Regenerating a token, then deleting it.
  const regenerated = await shell("tokctl token renew reader-token");
  expect(await query(url, reader)).toMatch(/ 401$/);
  expect(await query(url, regenerated)).toBe(opened);
  await shell("tokctl token delete reader-token");
  expect(await query(url, regenerated)).toMatch(/ 401$/);

  // An operator token can delete its app.
  await shell("tokctl app delete $APP --app-token $TOKEN", as);
  expect(await query(url, operator)).toMatch(/ 404$/);
});

browserTest("a browser gets a login page, and with a token the app", async () => {
  const { url } = await json(`tokctl app run ${image} --label group=browser`);
  const token = await shell("tokctl token create visitor --role read -l group=browser");
  const tab = await openTab();
  await loginWithToken(tab, url, token);
  await tab.getByText("Hello, World!").waitFor();
  expect(tab.url()).toBe(url);
});
