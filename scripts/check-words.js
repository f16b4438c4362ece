// Checks the wording of docs, comments and messages: `node scripts/check-words.js [--all]`, part of
// `npm run lint`. It reports phrases that are hard to read or search for, with a better term.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The accepted number of matches in 1,000 words: a phrase can be right where it is quoted. */
const limit = 1.5;

/** Phrases to avoid, and the reason or the term to use. */
const phrases = [
  [
    /\b(?:what|whatever|whoever) (?:it|they|this|that|he|she|one|you|a|an|the)\b(?! command| program| flags?)/gi,
    "name the thing",
  ],
  [
    /\bwhat (?:is|was|are|were|has|had|comes?|came|goes|went|makes?|keeps?|fails?|failed|can|may|must|would|could|will|says?|reads?|holds?|names?|belongs?)\b/gi,
    "name the thing",
  ],
  [/\b(?:of|by|to|with|from|in|at|behind|under|through) which\b/gi, "write two sentences"],
  [/\bwhose\b/gi, "write two sentences"],
  [/\b(?:somebody|nobody|anybody|everybody)\b/gi, "the user, the process or the server"],
  [
    /\b(?:heed|heeds|heeded|mend|mends|mended|vouch|vouches|doomed|thereof|therein|betrays?)\b/gi,
    "archaic",
  ],
  [/\b(?:dead|dies|died|dying|alive)\b(?!lock)/gi, "revoked, deleted, expired or exited"],
  [
    /\b(?:is|are|was|were) no more\b|\bin vain\b|\bfor good\b|\bin passing\b|\bat hand\b|\bso many\b|\bby itself\b/gi,
    "idiom",
  ],
  [
    /\b(?:knows?|knew|known) (?:of|what|who|which|where|how|by)\b/gi,
    "records, supports or returns",
  ],
  [
    /\b(?:stands?|stood) (?:in|at|for|there|before|behind|between|beside|after|under|alone|on)\b/gi,
    "is, appears or precedes",
  ],
  [/\b(?:leads?|led) (?:to|there|where|back|away)\b/gi, "points to, resolves to or causes"],
  [/\b(?:says?|said|tells?|told)\b/gi, "reports, prints, returns or specifies"],
  [
    /\b(?:it|they|one) (?:wants?|wanted|likes?|forgets?|remembers?|minds?|hears?)\b/gi,
    "personification",
  ],
  [
    /\b(?:hangs? up|hung up|gives? way|lets? (?:in|through)|out of the way|in the way|the way (?:to|there|out|back))\b/gi,
    "metaphor",
  ],
  [
    /\b(?:worth|beside|besides|lest|thus|hence|upon|whence|wherefore|likewise|moreover)\b/gi,
    "a plainer word",
  ],
  [
    /\b(?:as it is|as they are|and nothing else|or none|if any|that there is|there is none|of its own|of their own|at once)\b/gi,
    "idiom",
  ],
];

/** The prose of a Markdown file: without code, links' targets and HTML. */
const proseOf = (markdown) =>
  markdown
    .replace(/^```[\s\S]*?^```/gm, (block) => block.replace(/[^\n]/g, " "))
    .replace(/`[^`\n]*`/g, "x")
    .replace(/\]\([^)]*\)/g, "]");

/** The comments of a source file and its strings of several words. */
const commentsAndStringsOf = (source) =>
  [...source.matchAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g)]
    .map(([text]) => text)
    .filter((text) => /^\/[/*]/.test(text) || /[a-z]{2,} [a-z]{2,}/i.test(text))
    .map((text) => text.replace(/\n\s*\*/g, "\n").replace(/\$\{[^}]*\}/g, "x"))
    .join("\n");

const files = execFileSync("git", ["ls-files", "*.md", "*.ts"], { encoding: "utf8" })
  .trim()
  .split("\n");
let words = 0;
const matches = [];
for (const file of files) {
  const content = readFileSync(file, "utf8");
  const text = file.endsWith(".md") ? proseOf(content) : commentsAndStringsOf(content);
  words += text.match(/\S*[a-z]\S*/gi)?.length ?? 0;
  for (const [pattern, advice] of phrases)
    for (const { 0: phrase, index } of text.matchAll(pattern)) {
      const context = text.slice(Math.max(0, index - 30), index + phrase.length + 30);
      matches.push(`${file}: "${context.replaceAll(/\s+/g, " ").trim()}" (${advice})`);
    }
}
const rate = (matches.length / words) * 1000;
const shown = process.argv.includes("--all") ? matches : matches.slice(0, 20);
const isOver = rate > limit;
if (isOver || process.argv.includes("--all")) console.log(shown.join("\n"));
console.log(
  `Wording: ${matches.length} matches in ${words} words, ${rate.toFixed(1)} per 1,000 (at most ${limit}).`,
);
if (isOver) process.exitCode = 1;
