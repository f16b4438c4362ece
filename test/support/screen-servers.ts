import type { ProviderId } from "../../src/providers/index.ts";
import { listen } from "../../src/sandbox/listen.ts";
import { fixedClock, type ScreenOptions } from "./screen.ts";
import type { Environment } from "./spawn.ts";
import { createWorld } from "./world.ts";

const day = 86_400_000;

/** The command lines that create the tokens, and the time that passes after each. */
export const setUps = {
  "ovh-ai": [
    ["token create ci -r ai_training_read -l group=A", 40 * day],
    ["token create nightly-deployment -r ai_training_operator -l subject=image-recognition", day],
    ["token create quantum -r quantum_reader", 3_600_000],
  ],
  empty: [],
  osmo: [
    ["token create ci -r osmo-user -e 2026-12-01", 5 * day],
    ["token create nightly-deployment -r osmo-user -e 2026-12-03", 5 * day],
    [
      [
        ..."token create release -r osmo-user -r osmo-admin -e 2027-11-01 -d".split(" "),
        "Signs and publishes releases, from the pipeline of the main branch",
      ],
      2 * 3_600_000,
    ],
  ],
  "ovh-cloud": [
    ["token create ci --region GRA -r ai_training_read -l group=A", 40 * day],
    ["token create nightly-deployment --region BHS -r ai_training_operator", 120_000],
  ],
  "ovh-serving": [
    ["token create -r model-evaluation --resource iris*", 40 * day],
    ["token create -r model-management -r model-evaluation --resource *", 120_000],
  ],
} as const satisfies Record<
  ProviderId | "empty",
  readonly (readonly [line: string | readonly string[], later: number])[]
>;
export type SetUp = keyof typeof setUps;

export interface Served extends Pick<ScreenOptions, "env" | "instead"> {
  readonly close: () => Promise<void>;
}

/** Serves a sandbox that has the tokens of a set-up, with the same ids in every run. */
export async function serveSetUp(name: SetUp): Promise<Served> {
  const api = name === "empty" ? "ovh-ai" : name;
  const world = createWorld(api, {}, `screens ${name}`);
  for (const [line, later] of setUps[name]) {
    const { code, stderr } = await world.run(line);
    if (code !== 0) throw new Error(`${line} ended with ${code}: ${stderr}`);
    world.advance(later);
  }
  const { url, close } = await listen(world.sandbox, { host: "127.0.0.1", port: 0 });
  const emulated = world.sandbox.apis.find(({ id }) => id === api);
  const env: Environment = { ...emulated?.environment(url), ...fixedClock(world.now()) };
  return { close, env, instead: [[new URL(url).port, "54321"]] as const };
}

/** Token names that could break the layout of a table. */
const hostileNames = [
  "日本語のとても長い名前をもつトークン",
  "😀😀😀 emoji 🎉 party",
  "שלום עולם ערך ארוך מאוד",
  "e\u0301\u0323 Z\u0361a\u0322lgo\u0300\u0301\u0302\u0303",
  "n".repeat(200),
  "\x1b[31mred\x1b[0m\x07\r\n\tx\u202e",
  "",
  "x-".repeat(40),
];

/** Serves a list of tokens with names that could break the layout of a table. */
export async function serveHostileNames(): Promise<Served> {
  const createdAt = "2021-05-27T14:03:06.178808548Z";
  const items = hostileNames.map((name, i) => ({
    id: `0aa3c557-10c9-4331-b168-${String(i).padStart(12, "0")}`,
    createdAt,
    updatedAt: createdAt,
    spec: { name, role: "ai_training_read", labelSelector: i % 2 ? `group=${name}` : "" },
    status: { version: 1 },
  }));
  const fetch = async () => Response.json({ items, metadata: { total: items.length } });
  const { url, close } = await listen({ fetch }, { host: "127.0.0.1", port: 0 });
  const env: Environment = {
    TOKCTL_PROVIDER: "ovh-ai",
    TOKCTL_URL: url,
    TOKCTL_APP_TOKEN: "a-token",
    ...fixedClock(new Date("2026-11-23T12:00:00Z")),
  };
  return { close, env, instead: [] };
}
