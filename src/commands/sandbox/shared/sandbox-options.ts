import { type Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { parseExpiry } from "../../../core/time.ts";
import { maxGeneratedTokens } from "../../../sandbox/settings.ts";
import { collectFailureRules } from "./failure-rule.ts";

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
        "Failure 'METHOD PATH:FAULT:RATE'; faults: drop-request, drop-response, 503, delay=5s (repeatable)",
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
