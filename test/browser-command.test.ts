import { delimiter } from "node:path";
import { expect, test } from "vitest";
import { parseBrowserCommands } from "../src/host/browser.ts";

const url = "https://host/a?b=%s&c='d'";

test.each([
  ["", []],
  [" & ", []],
  ["firefox", [["firefox", url]]],
  ["firefox --new-tab &", [["firefox", "--new-tab", url]]],
  ["open -a 'Google Chrome' %s", [["open", "-a", "Google Chrome", url]]],
  ['"my browser" --url=%s', [["my browser", `--url=${url}`]]],
  [
    ["firefox", "", "w3m %s"].join(delimiter),
    [
      ["firefox", url],
      ["w3m", url],
    ],
  ],
])("BROWSER=%j is parsed into commands", (variable, commands) => {
  expect(parseBrowserCommands(variable, url)).toEqual(commands);
});
