import { type Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { parseDuration, parseExpiry } from "../../../core/time.ts";
import { type FailureRule, type Fault, maxGeneratedTokens } from "../../../sandbox/settings.ts";

/** Adds the options of a sandbox to a command: its data, clock, failures and settings of its APIs. */
export const addSandboxOptions = (command: Command) =>
  command
    .addOption(new Option("--seed <path>", "YAML file with the initial apps, jobs and notebooks"))
    .addOption(
      new Option(
        "--tokens <n>",
        `Number of generated tokens of each API, up to ${maxGeneratedTokens} (default: 0)`,
      ).argParser(parseTokenCount),
    )
    .addOption(
      new Option(
        "--now <time>",
        "Start time of the servers' clocks, for example 2027-01-15T09:00:00Z (default: now)",
      ).argParser(parseStartTime),
    )
    .addOption(
      new Option(
        "--fail <rule>",
        "Failure to simulate, as 'METHOD PATH:FAULT:RATE'; faults: drop-request, drop-response, 503, delay=5s (repeatable)",
      ).argParser(collectFailureRules),
    )
    .addOption(
      new Option("--fail-seed <n>", "Seed of the random failures (default: 1)").argParser(
        parseSeed,
      ),
    )
    .addOption(
      new Option("--osmo-strict", "OSMO: only administrators can manage the tokens of other users"),
    )
    .addOption(new Option("--osmo-gateway", "OSMO: require sign-in and reject the user header"))
    .addOption(
      new Option(
        "--osmo-max-lifetime <duration>",
        "OSMO: maximum lifetime of tokens, for example 20d (default: 365d)",
      ).argParser(parseDays),
    );

function parseTokenCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,6}$/.test(text) || count > maxGeneratedTokens)
    throw new InvalidArgumentError(`Expected a number from 0 to ${maxGeneratedTokens}.`);
  return count;
}

/** Years that clients and the emulated APIs support, with margins for expiries. */
const years = { first: 2000, last: 2099 };

function parseStartTime(text: string): Date {
  const parsed = parseExpiry(text);
  const time = new Date(parsed && "time" in parsed ? parsed.time : Number.NaN);
  const year = time.getUTCFullYear();
  if (!(year >= years.first && year <= years.last))
    throw new InvalidArgumentError(
      `Expected an RFC 3339 time with a time zone, such as 2027-01-15T09:00:00Z, from ${years.first} to ${years.last}.`,
    );
  return time;
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d{1,10}$/.test(text) || seed >= 2 ** 32)
    throw new InvalidArgumentError(`Expected a whole number from 0 to ${2 ** 32 - 1}.`);
  return seed;
}

/** Parses a duration such as `20d` and returns the days. */
function parseDays(text: string): number {
  if (!/^[1-9]\d{0,3}d$/.test(text))
    throw new InvalidArgumentError("Expected a number of days such as 20d.");
  return Number(text.slice(0, -1));
}

const methods: readonly string[] = ["*", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

const maxDelayMs = 3_600_000;

/** Parses the value of `--fail` and appends it to the previous ones. */
export const collectFailureRules = (
  text: string,
  previous: readonly FailureRule[] | undefined,
): readonly FailureRule[] => [...(previous ?? []), parseFailureRule(text)];

/**
 * Parses `METHOD PATH:FAULT:RATE`, such as `POST /v1/token:drop-response:0.5`. The rate is 1 by
 * default.
 * @throws InvalidArgumentError for the first part that is invalid
 */
export function parseFailureRule(text: string): FailureRule {
  const match = /^(\S+)\s+([^\s:]+):([^\s:]+)(?::([^\s:]+))?$/.exec(text.trim());
  if (!match)
    throw new InvalidArgumentError(
      "Expected 'METHOD PATH:FAULT:RATE', for example 'POST /v1/token:drop-response:0.5'.",
    );
  const [, word = "", path = "", fault = "", share = "1"] = match;
  const method = word.toUpperCase();
  if (!methods.includes(method))
    throw new InvalidArgumentError(
      `The method must be one of ${methods.slice(1).join(", ")} or *.`,
    );
  if (!/^\/[^*?#]*\*?$/.test(path))
    throw new InvalidArgumentError(
      "The path must start with /, contain no query, and have a * only at its end.",
    );
  const rate = Number(share);
  if (!/^(\d+\.?\d*|\.\d+)$/.test(share) || rate > 1)
    throw new InvalidArgumentError("The rate must be a number from 0 to 1, such as 0.5.");
  return { method, path, fault: parseFault(fault), rate };
}

function parseFault(text: string): Fault {
  if (text === "drop-request" || text === "drop-response") return { kind: text };
  if (/^[45]\d\d$/.test(text)) return { kind: "status", status: Number(text) };
  const delayMs = parseDuration(/^delay=(.+)$/.exec(text)?.[1] ?? "");
  if (delayMs !== undefined && delayMs <= maxDelayMs) return { kind: "delay", delayMs };
  throw new InvalidArgumentError(
    "The fault must be drop-request, drop-response, an HTTP status from 400 to 599, or a delay of at most 1h such as delay=5s.",
  );
}
