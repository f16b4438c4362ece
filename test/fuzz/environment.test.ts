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
  hostileText,
} from "../support/fuzz.ts";
import { createHome } from "../support/home.ts";

/** Environment variables with plausible values; SECRET is replaced by a secret. */
const variables: Readonly<Record<string, readonly string[]>> = {
  TOKCTL_PROVIDER: providerIds,
  TOKCTL_URL: ["http://127.0.0.1:8787", "https://api.example.test", "http://example.com", "x:y"],
  TOKCTL_REGION: ["GRA", "BHS"],
  TOKCTL_PROFILE: ["work", "missing"],
  TOKCTL_PROJECT: ["p"],
  TOKCTL_NAMESPACE: ["n"],
  TOKCTL_USER_HEADER: ["somebody"],
  TOKCTL_OUTPUT: ["text", "json", "yaml", "xml"],
  TOKCTL_CREDENTIAL_STORE: ["file", "keychain"],
  TOKCTL_CA_FILE: ["/missing"],
  OVH_ENDPOINT: ["ovh-eu", "elsewhere"],
  OVH_APPLICATION_KEY: ["key"],
  OVH_APPLICATION_SECRET: ["SECRET"],
  OVH_CONSUMER_KEY: ["SECRET"],
  HTTPS_PROXY: [`http://user:SECRET@127.0.0.1:1`, `socks5://user:SECRET@127.0.0.1:1`],
  NO_PROXY: ["*", "example.com"],
  COLUMNS: ["20", "-1"],
  NO_COLOR: ["1"],
  FORCE_COLOR: ["3", "x"],
  GITHUB_ACTIONS: ["true"],
  CI: ["true"],
};

const anyEnvironment = fc
  .array(
    fc.constantFrom(...Object.entries(variables)).chain(([name, values]) =>
      // An environment variable can't contain NUL.
      fc
        .oneof({ weight: 4, arbitrary: fc.constantFrom(...values) }, anyText)
        .map((value) => [name, value.replaceAll("\0", "")] as const),
    ),
    { maxLength: 6 },
  )
  .map((pairs) => Object.fromEntries(pairs));

const lines = [
  ...["whoami", "token list", "token create ci -r read", "profile show", "profile list", "doctor"],
  ...["login -p new", "token roles", "app list", "profile import", "completion bash"],
];

describe("with any environment,", () => {
  fuzz(
    "a command ends with a known exit code, and completion does not fail",
    fc.tuple(fc.constantFrom(...lines), anyFormat, anyEnvironment, anyText),
    60,
    async ([line, format, env, credential]) => {
      const home = createHome();
      const { origin } = new URL(home.url);
      const secret = freshSecret();
      home.keep(
        "work",
        { provider: "ovh-ai", url: home.url },
        { origin, kind: "token", token: secret },
      );
      const marked = Object.fromEntries(
        Object.entries({
          ...env,
          TOKCTL_APP_TOKEN: `SECRET${credential.replaceAll("\0", "")}`,
        }).map(([name, value]) => [name, value.replaceAll("SECRET", secret)]),
      );
      const args = [...line.split(" "), ...format];
      const options = { env: marked, lookup: async () => [] };
      const outcome = await home.run(args, options);
      const plain = { ...outcome, stderr: withoutColours(outcome.stderr) };
      expectSound({ ...plain, stdout: withoutColours(outcome.stdout) }, args, {
        everywhere: [secret],
      });
      await home.complete("token delete ", options);
    },
  );
});

/** Removes the colours that FORCE_COLOR causes. */
const withoutColours = (text: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern removes them.
  text.replaceAll(/\x1b\[[\d;]*m/g, "");

describe("with any credential,", () => {
  fuzz(
    "a command uses or rejects it, and does not print it",
    fc.tuple(
      fc.constantFrom("whoami", "token check", "login ovh-ai --url URL -p p", "token list"),
      fc.constantFrom("--app-token", "--app-token=", "file", "stdin"),
      fc.oneof(hostileText, fc.constant("")),
      fc.array(cutting, { maxLength: 1 }),
      anyFormat,
    ),
    60,
    async ([line, way, tail, cuts, format]) => {
      const home = createHome();
      const secret = freshSecret();
      const bytes = cut(`${secret}${tail}`, []);
      const content = Buffer.concat([bytes, cut("", cuts)]);
      home.write("token.txt", content);
      const given = {
        "--app-token": ["--app-token", `${secret}${tail}`],
        "--app-token=": [`--app-token=${secret}${tail}`],
        file: ["--app-token-file", home.path("token.txt")],
        stdin: ["--app-token-file", "-"],
      }[way];
      const place = line.startsWith("login") ? [] : ["--provider", "ovh-ai", "--url", home.url];
      const args = [...line.replace("URL", home.url).split(" "), ...place, ...given, ...format];
      const stdin = {
        async *[Symbol.asyncIterator]() {
          yield content;
        },
      };
      const outcome = await home.run(args, { stdin });
      expectSound(outcome, args, { everywhere: [secret] });
      expect([2, 4]).toContain(outcome.code);
    },
  );
});
