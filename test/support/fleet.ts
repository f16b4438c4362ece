import fc from "fast-check";
import type { Token } from "../../src/core/token.ts";
import { type ProviderId, providers } from "../../src/providers/index.ts";
import { createWorld } from "./world.ts";

const dayMs = 86_400_000;

/** A token to create. */
interface FleetToken {
  readonly name: string;
  /** The index of the token's role and scope in `apis`. */
  readonly spec: number;
  /** The age in days. */
  readonly age: number;
}

/** A selection on the command line, and whether it includes a token. */
interface SampleSelection {
  readonly words: readonly string[];
  readonly stdin?: string;
  readonly includes: (token: Token, now: number) => boolean;
}

const option = (words: string, includes: SampleSelection["includes"]): SampleSelection => ({
  words: words.split(" "),
  includes,
});

const byName = [
  option("--name ci-*", ({ name }) => name?.startsWith("ci-") === true),
  option("--name *[13]", ({ name }) => /[13]$/.test(name ?? "")),
  option("--name mine", ({ name }) => name === "mine"),
];
const byAge = [
  option("--older-than 2d", (token, now) => now - issueTime(token) >= 2 * dayMs),
  option("--older-than 90d", () => false),
];
const byLabel = [
  option("--label group=A", ({ labelSelector }) => labelSelector === "group=A"),
  option("--unscoped", ({ labelSelector }) => labelSelector === null),
];

const issueTime = ({ updatedAt, createdAt }: Token) => Date.parse(updatedAt ?? createdAt ?? "");

interface FleetApi {
  /** The options of `token create`, with different scopes. */
  readonly specs: readonly string[];
  /** The index in `specs` of a token that may manage tokens; undefined if tokens are no credentials of the API. */
  readonly ownSpec?: number;
  readonly filters: readonly SampleSelection[];
}

/** The options of the tokens and the selections of each API. */
const apis: Readonly<Record<ProviderId, FleetApi>> = {
  "ovh-ai": {
    specs: ["-r ai_training_read", "-r ai_training_operator", "-r ai_training_read -l group=A"],
    ownSpec: 1,
    filters: [
      ...byName,
      ...byAge,
      ...byLabel,
      option("--role read", ({ roles }) => roles.includes("ai_training_read")),
    ],
  },
  "ovh-cloud": {
    specs: ["-r ai_training_read --region GRA", "-r ai_training_read --region GRA -l group=A"],
    filters: [...byName, ...byAge, ...byLabel],
  },
  "ovh-serving": {
    specs: ["-r model-evaluation --resource *", "-r model-management --resource iris*"],
    filters: [
      ...byAge,
      option("--unscoped", ({ resource }) => resource === "*"),
      option("--role model-management", ({ roles }) => roles.includes("model-management")),
    ],
  },
  osmo: {
    specs: ["-r osmo-user -e 12d", "-r osmo-user -e 3d"],
    ownSpec: 0,
    filters: [
      ...byName,
      option("--status active", ({ status }) => status === "active"),
      option("--status expired", ({ status }) => status === "expired"),
      option(
        "--expiring-within 4d",
        ({ status, expiresAt }, now) =>
          status === "active" && Date.parse(expiresAt ?? "") <= now + 4 * dayMs,
      ),
    ],
  },
};

/** Tokens of an API, and a selection of them: filters, names on stdin, or all. */
export const anyFleet = (api: ProviderId) =>
  fc.record({
    tokens: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom("ci-1", "ci-2", "ci-3", "deploy", "x1"),
        spec: fc.nat(apis[api].specs.length - 1),
        age: fc.nat(4),
      }),
      { minLength: 1, maxLength: 5, selector: ({ name }) => name },
    ),
    filters: fc.subarray([...apis[api].filters], { maxLength: 2 }),
    onStdin: fc.option(fc.array(fc.nat(5), { maxLength: 4 })),
    isJson: fc.boolean(),
  });

type Fleet = ReturnType<typeof anyFleet> extends fc.Arbitrary<infer T> ? T : never;

/**
 * Creates the tokens in a new world, oldest first, and signs in with the token `mine` if tokens of the
 * API are its credentials.
 */
export async function createFleet(api: ProviderId, { tokens, filters, onStdin, isJson }: Fleet) {
  const world = createWorld(api);
  const { specs, ownSpec } = apis[api];
  const create = async ({ name, spec }: Pick<FleetToken, "name" | "spec">) =>
    world.json(["token", "create", ...(hasNames(api) ? [name] : []), ...split(specs[spec] ?? "")]);
  const mine = ownSpec === undefined ? undefined : await create({ name: "mine", spec: ownSpec });
  const oldestFirst = tokens.toSorted((a, b) => b.age - a.age);
  for (const [i, token] of oldestFirst.entries()) {
    await create(token);
    // The sandbox's times have fractions of a second.
    world.advance((token.age - (oldestFirst[i + 1]?.age ?? 0)) * dayMs + 1000);
  }
  const listed: readonly Token[] = await world.json("token list");
  const chosen = onStdin?.flatMap((i) => listed[i] ?? []);
  const lines = chosen?.map(({ id, name }, i) => (i % 2 === 0 ? id : (name ?? id)));
  const words = [
    ...filters.flatMap((each) => each.words),
    ...(chosen ? ["-"] : []),
    ...(filters.length === 0 && !chosen ? ["--all"] : []),
  ];
  const now = world.now().getTime();
  const expected = listed.filter(
    (token) =>
      token.id !== mine?.id &&
      filters.every(({ includes }) => includes(token, now)) &&
      (!chosen || chosen.includes(token)),
  );
  return {
    ...world,
    /** The arguments that select tokens. */
    words,
    options: {
      stdin: isJson ? JSON.stringify(chosen ?? []) : (lines ?? []).join("\n"),
      env: mine ? { TOKCTL_APP_TOKEN: mine.token } : {},
    },
    /** The tokens that are selected, and those that must not change. */
    expected,
    others: listed.filter((token) => !expected.includes(token)),
    list: async (): Promise<readonly Token[]> => world.json("token list"),
  };
}

const hasNames = (api: ProviderId): boolean =>
  providers.some(({ id, supports }) => id === api && supports.names);

const split = (words = ""): readonly string[] => words.split(" ");

/** Returns the sorted IDs of tokens. */
export const idsOf = (tokens: readonly Pick<Token, "id">[]): readonly string[] =>
  tokens.map(({ id }) => id).sort();
