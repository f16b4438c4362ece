import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { Invocation } from "../../../cli/command.ts";
import { addTargetToHint } from "../../../cli/hint-target.ts";
import { mapOrdered } from "../../../core/async.ts";
import { type Supports, uniteSupports } from "../../../core/provider.ts";
import type { TokenProvider } from "../../../core/token-provider.ts";
import { CliError, toHintLines, UsageError } from "../../../errors.ts";
import type { Session } from "../../../session/session.ts";
import { capture } from "../../../session/target/target.ts";
import { maxConcurrency, summarizeErrors, toCliError } from "../../shared/run-many.ts";

/** One target of a command that can run over several profiles. */
export interface TokenTarget {
  readonly session: Session;
  /** The name of the profile; undefined if the command has only one target. */
  readonly profile: string | undefined;
  /** Returns the connection of the session, which is opened once. */
  readonly tokens: () => Promise<TokenProvider>;
  /** Adds the target's options to the commands in an error's hint. */
  readonly addToHint: (error: CliError) => Promise<CliError>;
}

/** The targets of a command. */
export interface TokenTargets {
  /** The session of the command itself, for prompts and output. */
  readonly session: Session;
  readonly list: readonly TokenTarget[];
  /** Whether the command runs over several profiles. */
  readonly isSeveral: boolean;
}

/** `--all-profiles` of a command that can run over several profiles. */
export const allProfilesOption = () =>
  new Option("--all-profiles", "Run over all profiles; for some of them: -p a,b");

/**
 * Opens the targets of a command: one for each profile of `-p a,b` or `--all-profiles`, else the one that
 * the command line selects. Nothing is sent yet.
 * @throws UsageError for an option that belongs to one profile, or that a provider does not support.
 */
export function openTargets(
  session: Session,
  { allProfiles = false }: { readonly allProfiles?: boolean | undefined },
  command: CommandUnknownOpts,
  invocation: Invocation,
): TokenTargets {
  const several = session.forProfiles(allProfiles);
  const toTarget = (own: Session, profile: string | undefined): TokenTarget => ({
    session: own,
    profile,
    tokens: own.tokens,
    addToHint: (error) => addTargetToHint(error, own.target.options, command, invocation),
  });
  return {
    session,
    isSeveral: several !== undefined,
    list: several?.map((each) => toTarget(each.session, each.name)) ?? [
      toTarget(session, undefined),
    ],
  };
}

/** The results of the targets that worked, and the errors of the others, which name the profile. */
export interface TargetResults<T> {
  readonly results: readonly T[];
  readonly failures: readonly CliError[];
}

/**
 * Calls a function for each target, concurrently. An error of one of several targets does not stop the
 * others.
 * @throws the error of a single target.
 */
export async function mapTargets<T>(
  { session, list, isSeveral }: TokenTargets,
  work: (target: TokenTarget) => Promise<T>,
): Promise<TargetResults<T>> {
  const run = async (target: TokenTarget) => {
    try {
      return { result: await work(target) };
    } catch (thrown) {
      if (!isSeveral || session.host.interrupt.aborted) throw thrown;
      return { error: await nameProfile(target, toCliError(thrown)) };
    }
  };
  return session.trackItems("Reading profiles:", list.length, async (step) => {
    const results: T[] = [];
    const failures: CliError[] = [];
    for await (const outcome of mapOrdered(list, () => maxConcurrency, run)) {
      step();
      if (outcome.error) failures.push(outcome.error);
      else results.push(outcome.result);
    }
    return { results, failures };
  });
}

/** Adds the target to an error: its options to the commands in the hint, and one of several profiles. */
export async function nameProfile(
  { profile, addToHint }: TokenTarget,
  error: CliError,
): Promise<CliError> {
  if (profile === undefined) return addToHint(error);
  const { code, message, failures, hint, requestId } = await addToHint(error);
  const details = { failures, hint, requestId, cause: error };
  return new CliError(code, `Profile "${profile}": ${message}`, details);
}

/** Returns the error for the profiles that failed; undefined if none did. */
export const summarizeProfiles = (
  { list }: TokenTargets,
  failures: readonly CliError[],
): CliError | undefined =>
  summarizeErrors(
    failures,
    `${failures.length} of ${list.length} profiles failed.`,
    failures.flatMap(toHintLines),
  );

/** Joins two errors that don't exclude each other. */
export function joinFailures(
  first: CliError | undefined,
  second: CliError | undefined,
): CliError | undefined {
  if (!first || !second) return first ?? second;
  return new CliError("partial", `${first.message} ${second.message}`, {
    failures: [...first.failures, ...second.failures],
    hint: [first.hint, second.hint].flat(),
    cause: first,
  });
}

/** The features of a command's targets: those that at least one provider has. */
export function describeTargets({ session, list, isSeveral }: TokenTargets): {
  readonly title: string;
  readonly supports: Supports;
} {
  if (!isSeveral) return session.provider();
  // The provider of an invalid profile is unknown.
  const found = list.map((target) => capture(() => target.session.provider().supports));
  return {
    title: "The profiles'",
    supports: uniteSupports(found.flatMap((each) => ("value" in each ? each.value : []))),
  };
}

/** @throws UsageError if tokens are named, because a name can exist in several profiles. */
export function requireNoNames({ isSeveral }: TokenTargets, isNamed: boolean): void {
  if (isSeveral && isNamed)
    throw new UsageError("Tokens cannot be named with several profiles.", {
      hint: [
        "Select them with options such as --name, or name them with one profile: -p NAME",
        "Or pass JSON of token list with the same profiles on stdin with -",
      ],
    });
}
