import { InvalidArgumentError } from "@commander-js/extra-typings";
import { parseDuration } from "../../../core/time.ts";
import type { FailureRule, Fault } from "../../../sandbox/settings.ts";

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
