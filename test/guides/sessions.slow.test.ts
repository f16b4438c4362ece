import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { walk } from "../support/reader.ts";
import { start } from "../support/spawn.ts";

walk("the guides show what their commands print: npm run generate", async () => {
  const script = fileURLToPath(new URL("../../scripts/guides.js", import.meta.url));
  const { PATH } = process.env;
  const { code, stderr } = await start(process.execPath, [script, "--check"], { env: { PATH } })
    .ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});
