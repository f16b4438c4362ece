// The licenses of what is bundled go with it.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The directory of the package that a module is part of. */
const packageOf = (id) =>
  /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/.exec(id)?.[0];

/**
 * Name, version, kind of license and its text, for each package with a module in these bundles.
 * @throws if a package has no text.
 */
export async function listLicences(bundles) {
  const ids = bundles.flatMap(({ output }) => output.flatMap(({ moduleIds = [] }) => moduleIds));
  const entries = [];
  for (const folder of new Set(ids.flatMap((id) => packageOf(id) ?? []))) {
    const { name, version, license } = JSON.parse(
      await readFile(join(folder, "package.json"), "utf8"),
    );
    const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice)\b/i.test(file));
    if (files.length === 0) throw new Error(`${name} is bundled, and has no licence.`);
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
    entries.push(`${name} ${version} (${license})\n\n${texts.join("\n").trim()}\n`);
  }
  const line = `\n${"-".repeat(80)}\n\n`;
  return ["tokctl has these packages in it:\n", ...entries.sort()].join(line);
}
