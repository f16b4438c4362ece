import { expect } from "vitest";
import { browserTest, useBrowser } from "../support/browser.ts";
import { loginWithToken, useShell, walk } from "../support/reader.ts";

// The steps of the guide "Accessing your AI App with tokens", with commands instead of the Control
// Panel.
const { shell, json, query } = useShell();
const openTab = useBrowser();

const image = "infrastructureascode/hello-world";
const opened = "Hello, World! 200";

walk("an app is queried with scoped tokens", async () => {
  // Adding labels to an app at submission, in addition to the platform's labels.
  const app = await json(`tokctl app run ${image} --label group=A`);
  const { id, url } = app;
  expect(app.labels).toEqual({ group: "A", "ovh/id": id, "ovh/type": "app" });
  const other = await json(`tokctl app run ${image} --label group=B`);

  // Generating tokens: a preview of the resources, then the token, which is displayed once.
  const { resources } = await json("tokctl token create reader -r read -l group=A --preview");
  expect(resources.map((each: { id: string }) => each.id)).toContain(id);
  const TOKEN = await shell("tokctl token create reader -r ai_training_read -l group=A");
  expect(await shell("tokctl token list -o yaml")).not.toContain(TOKEN);

  // "including the ones submitted after the creation of the token"
  const later = await json(`tokctl app run ${image} --label group=A`);

  // Operator token, scoped to one app by the label that is reserved for its id.
  const operator = await shell(
    "tokctl token create operator -r ai_training_operator -l ovh/id=$ID",
    {
      ID: id,
    },
  );

  // Code integration, as the guide has it.
  const hello = await shell(
    `export TOKEN=${TOKEN}\ncurl -s $URL -H "Authorization: Bearer $TOKEN"`,
    {
      URL: url,
    },
  );
  expect(hello).toBe("Hello, World!");
  expect(await query(later.url, TOKEN)).toBe(opened);
  expect(await query(other.url, TOKEN)).toMatch(/ 403$/);
  expect(await query(url, operator)).toBe(opened);
  expect(await query(later.url, operator)).toMatch(/ 403$/);

  // The operator token can stop and start its app only.
  await shell("tokctl app stop $ID --token $TOKEN", { ID: id, TOKEN: operator });
  expect(await query(url, TOKEN)).toMatch(/ 503$/);
  await shell("tokctl app start $ID --token $TOKEN", { ID: id, TOKEN: operator });
  await shell("! tokctl app stop $ID --token $TOKEN", { ID: other.id, TOKEN: operator });

  // Regenerating "causes the existing token to expire".
  const regenerated = await shell("tokctl token renew reader -y");
  expect(await query(url, TOKEN)).toMatch(/ 401$/);
  expect(await query(url, regenerated)).toBe(opened);

  // Deleting a token, and with the operator's the app.
  await shell("tokctl token delete reader");
  expect(await query(url, regenerated)).toMatch(/ 401$/);
  await shell("tokctl app delete $ID --token $TOKEN", { ID: id, TOKEN: operator });
  await shell("! tokctl app get $ID", { ID: id });
});

browserTest("the login page accepts a token with access and refuses another", async () => {
  const { url } = await json(`tokctl app run ${image} --label group=A`);
  const [good, other] = [
    await shell("tokctl token create visitor -r read -l group=A"),
    await shell("tokctl token create stranger -r read -l group=none"),
  ];
  const tab = await openTab();
  const [refused] = await Promise.all([
    tab.waitForResponse(/login$/),
    loginWithToken(tab, url, other),
  ]);
  expect(refused.status()).toBe(403);
  await loginWithToken(tab, url, good);
  await tab.getByText("Hello, World!").waitFor();
});
