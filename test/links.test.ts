import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

/** The Markdown files of the repository. */
const pages = ["", ".github", "docs", "examples"].flatMap((folder) =>
  readdirSync(folder || ".", { recursive: folder === "docs", encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name)),
);

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(path: string): readonly string[] {
  const text = readFileSync(path, "utf8").replaceAll(/^```.*?^```$/gms, "");
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
}

test("links between Markdown files point to existing files and headings", () => {
  const broken = pages.flatMap((page) =>
    [...readFileSync(page, "utf8").matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
      if (/^https?:/.test(target)) return [];
      const [file = "", anchor] = target.split("#");
      const path = file === "" ? page : join(dirname(page), file);
      const isFound = existsSync(path) && (!anchor || anchorsOf(path).includes(anchor));
      return isFound ? [] : [`${page}: ${target}`];
    }),
  );
  expect(broken).toEqual([]);
});

test("paths of source files in Markdown files exist", () => {
  const missing = pages.flatMap((page) =>
    [...readFileSync(page, "utf8").matchAll(/`((?:src|test|scripts|schemas)\/[\w./-]+\.\w+)`/g)]
      .map(([, path = ""]) => path)
      .filter(
        (path) =>
          !/ID|KIND|token-count|count\.(?:test\.)?ts|json-file\.ts|acme/.test(path) &&
          !existsSync(path),
      )
      .map((path) => `${page}: ${path}`),
  );
  expect(missing).toEqual([]);
});
