import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { walk } from "../support/reader.ts";
import { start } from "../support/spawn.ts";

const check = async (script: string) => {
  const path = fileURLToPath(new URL(`../../scripts/${script}`, import.meta.url));
  const { code, stderr } = await start(process.execPath, [path, "--check"], {
    env: { PATH: process.env["PATH"] },
  }).ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
};

walk("the guides show what their commands print: npm run generate", () => check("guides.js"));

test("the picture of a terminal shows the golden screens: npm run generate", () =>
  check("terminal-svg.js"));
