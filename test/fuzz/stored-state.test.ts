import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { providerIds } from "../../src/providers/index.ts";
import {
  anyFormat,
  anyText,
  cut,
  cutting,
  expectSound,
  freshSecret,
  fuzz,
  raw,
  spoil,
  spoiling,
} from "../support/fuzz.ts";
import { createHome } from "../support/home.ts";
import { createVictim } from "../support/lost-answers.ts";

const origin = "http://127.0.0.1:8787";

/** Every kind of stored credential. */
const credentials = {
  token: (secret: string) => ({ token: secret }),
  user: () => ({ user: "somebody" }),
  application: (secret: string) => ({
    applicationKey: "key",
    applicationSecret: secret,
    consumerKey: secret,
  }),
  oauth: (secret: string) => ({
    grant: "refresh_token",
    tokenUrl: `${origin}/token`,
    clientId: "id",
    refreshToken: secret,
    accessToken: secret,
    expiresAt: "2026-11-23T13:00:00Z",
  }),
};
const kinds = Object.keys(credentials) as (keyof typeof credentials)[];

/** How a JSON file is damaged: first its values, then its bytes. */
const damage = fc.record({
  changes: fc.array(spoiling, { maxLength: 3 }),
  cuts: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    fc.array(cutting, { minLength: 1, maxLength: 2 }),
  ),
});
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

const damaged = (document: unknown, { changes, cuts }: Damage) =>
  cut(JSON.stringify(spoil(document, changes), null, 2) ?? "", cuts);

const lines = [
  ...["whoami", "token list", "profile list", "profile show", "profile use work", "doctor"],
  ...["profile set project x", "profile set url https://b.example", "profile remove work"],
  ...["logout", "logout --revoke", "login ovh-ai --url URL --app-token-file - -p work"],
];

fuzz(
  "with any content of tokctl's files, a command ends with a known exit code, and completion is clean",
  fc.record({
    line: fc.constantFrom(...lines),
    format: anyFormat,
    provider: fc.constantFrom(...providerIds),
    kind: fc.constantFrom(...kinds),
    file: fc.constantFrom(
      ...["config.json", "profiles/work.json", "credentials/work.json", "credentials/work.json"],
    ),
    damage,
  }),
  80,
  async ({ line, format, provider, kind, file, damage }) => {
    const home = createHome();
    const secret = freshSecret();
    const documents: Record<string, object> = {
      "config.json": { current: "work" },
      "profiles/work.json": { provider, url: origin, project: "p", namespace: "n" },
      "credentials/work.json": { origin, kind, ...credentials[kind](secret) },
    };
    for (const [name, document] of Object.entries(documents))
      home.write(name, name === file ? damaged(document, damage) : JSON.stringify(document));
    const args = [...line.replace("URL", home.url).split(" "), ...format];
    const outcome = await home.run(args, { stdin: home.bootstrap });
    expectSound(outcome, args, { everywhere: [secret, home.bootstrap] });
    expectClean(await home.complete("token delete "));
  },
);

const expectClean = (candidates: readonly (string | undefined)[]) => {
  for (const candidate of candidates)
    for (const part of candidate?.split("\t") ?? []) expect(part).not.toMatch(raw);
};

fuzz(
  "with any content of the token cache, completion is clean",
  fc.tuple(damage, fc.constantFrom("token delete ", "token get c", "token renew -u ", "-p ")),
  30,
  async ([damage, line]) => {
    const home = createHome();
    const cache = { TOKCTL_CACHE_DIR: home.path("cache") };
    await home.login("", { env: cache });
    for (const name of ["ci", "deploy"])
      await home.run(`token create ${name} -r read -l a=b`, { env: cache });
    await home.run("token list", { env: cache });
    const [remembered = ""] = home.files("cache/tokens").filter((name) => name.endsWith(".json"));
    const path = `cache/tokens/${remembered}`;
    home.write(path, damaged(JSON.parse(home.read(path)), damage));
    expectClean(await home.complete(line, { env: cache }));
    const args = ["token", "list", "-o", "json"];
    expect((await home.run(args, { env: cache })).code).toBe(0);
  },
);

fuzz(
  "with any content of the journal, a command ends with a known exit code",
  fc.record({
    begun: fc.constantFrom("token create ci -r read -l a=b", "token renew old -y"),
    line: fc.constantFrom(
      "recover",
      "recover --on-lost renew",
      "doctor",
      "token create new -r read",
    ),
    format: anyFormat,
    damage,
  }),
  30,
  async ({ begun, line, format, damage }) => {
    const home = createVictim();
    await home.run("token create old -r read");
    await home.runHalf(begun);
    const [name = ""] = home.journal();
    const path = `.local/state/tokctl/journal/${name}`;
    home.write(path, damaged(JSON.parse(home.read(path)), damage));
    const args = `${line} ${format.join(" ")}`.trim();
    const outcome = await home.run(args);
    expectSound(outcome, args.split(" "), { everywhere: [home.bootstrap] });
    expect(await home.names()).toContain("old");
  },
);

describe("with files of another tool,", () => {
  const conf = (secret: string) => `[default]
endpoint=ovh-eu
[ovh-eu]
application_key=key
application_secret=${secret}
consumer_key=${secret}
[ovh-ca]
client_id=id
client_secret=${secret}
`;
  const yaml = (secret: string) => `osmo_token: true
token_login:
  id_token: ${secret}
  refresh_token: ${secret}
  refresh_url: ${origin}/token
  client_id: id
dev_login: null
url: ${origin}
`;

  fuzz(
    "an import of any content ends with a known exit code",
    fc.tuple(
      fc.constantFrom(conf, yaml),
      fc.array(cutting, { maxLength: 4 }),
      fc.constantFrom([], ["-y"], ["-o", "json"], ["-y", "-o", "json"]),
    ),
    50,
    async ([text, cuts, options]) => {
      const home = createHome();
      const secret = freshSecret();
      home.write("found", cut(text(secret), cuts));
      const args = ["profile", "import", home.path("found"), ...options];
      expectSound(await home.run(args), args, { everywhere: [secret] });
      const list = ["profile", "list", "-o", "json"];
      expectSound(await home.run(list), list, { everywhere: [secret] });
    },
  );
});

fuzz(
  "with any content of a .env file, a secret is written completely or not at all",
  fc.tuple(anyText, fc.array(cutting, { maxLength: 3 })),
  30,
  async ([text, cuts]) => {
    const home = createHome();
    await home.login();
    const before = cut(`A=1\nTOKEN='old'\nexport B="two\nlines"\n${text}`, cuts);
    home.write(".env", before);
    const to = `env-file:${home.path(".env")}#TOKEN`;
    const args = ["token", "create", "ci", "-r", "read", "--to", to, "-o", "json"];
    const outcome = await home.run(args);
    expectSound(outcome, args, { everywhere: [home.bootstrap] });
    if (outcome.code === 0) expect(home.read(".env")).toMatch(/^(export )?TOKEN=/m);
    else expect(readFileSync(home.path(".env"))).toEqual(before);
  },
);

fuzz(
  "with any content of a seed file, a sandbox starts or ends with a usage error",
  fc.array(cutting, { maxLength: 4 }),
  40,
  async (cuts) => {
    const home = createHome();
    home.write("seed.yaml", cut(readFileSync("docs/seed.example.yaml"), cuts));
    const args = ["sandbox", "exec", "--seed", home.path("seed.yaml"), "--", "true"];
    const outcome = await home.run(args);
    expectSound(outcome, args);
    expect([0, 2]).toContain(outcome.code);
  },
);
