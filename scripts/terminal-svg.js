// Draws docs/terminal.svg from golden screens: `npm run generate`. With --check it writes nothing, and ends with 1
// if the file differs.
import { readFile, writeFile } from "node:fs/promises";

const root = new URL("../", import.meta.url);
const target = new URL("docs/terminal.svg", root);

/** Commands, and the golden screens that they produce. */
const session = [
  ["tokctl token list", "token-list-ovh-ai-120"],
  ["tokctl token create deploy -r ai_training_read -l group=A", "token-create-120"],
  ["tokctl token renew ci", "token-renew-120"],
  ["tokctl token create deploy", "error-missing-role-120"],
];

/** Pixels. */
const cell = { width: 8.43, height: 19 };
const padding = 16;

const colours = { red: "#ff7b72", green: "#7ee787", yellow: "#e3b341" };

const escapeXml = (text) => text.replace(/[&<>]/g, (found) => `&#${found.charCodeAt(0)};`);

/** The styles of a tag such as `bold red` as attributes. */
const attributes = (styles) =>
  styles
    .split(" ")
    .map((style) => (style === "bold" ? 'font-weight="bold"' : `fill="${colours[style]}"`))
    .join(" ");

/** A line of a golden screen, with its tags as spans. */
const drawLine = (line) =>
  line
    .split(/(<(bold|red|green|yellow)>.*?<\/\2>)/)
    .filter((_, index) => index % 3 !== 2)
    .map((part) => {
      const [, styles, text] = /^<([a-z ]+)>(.*)<\/\1>$/.exec(part) ?? [];
      if (styles === undefined) return escapeXml(part);
      return `<tspan ${attributes(styles)}>${escapeXml(text)}</tspan>`;
    })
    .join("");

const screens = await Promise.all(
  session.map(async ([command, name]) => {
    const screen = await readFile(new URL(`test/screens/${name}.txt`, root), "utf8");
    const prompt = `<green>$</green> <bold>${command}</bold>`;
    return [prompt, ...screen.replace(/\n$/, "").split("\n"), ""];
  }),
);
const lines = screens.flat().slice(0, -1);
const columns = Math.max(
  ...lines.map((line) => line.replace(/<\/?(?:bold|red|green|yellow)>/g, "").length),
);
const width = Math.ceil(columns * cell.width + 2 * padding);
const height = lines.length * cell.height + 2 * padding;

const texts = lines.map((line, index) => {
  const y = padding + 14 + index * cell.height;
  return `<text x="${padding}" y="${y}" xml:space="preserve">${drawLine(line)}</text>`;
});
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>A terminal session: list, create and renew tokens</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g fill="#e6edf3" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">
${texts.filter((text) => !text.endsWith('"preserve"></text>')).join("\n")}
</g>
</svg>
`;

if (!process.argv.includes("--check")) await writeFile(target, svg);
else if ((await readFile(target, "utf8")) !== svg) {
  console.error("docs/terminal.svg differs from the golden screens: npm run generate");
  process.exitCode = 1;
}
