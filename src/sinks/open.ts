import type { Secret } from "../core/secret.ts";
import { ownValue } from "../core/text.ts";
import { CliError, InterruptedError, UsageError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { sinkKinds } from "./index.ts";
import type { Delivery, SecretSink, SinkContext } from "./sink.ts";

/** Whether a secret arrived at a destination, named as on the command line; of `command:` the program alone. */
export interface Sent {
  readonly to: string;
  /** Why it did not. */
  readonly error?: CliError;
}

/** Places that are open for a secret. Either of these is called once. */
export interface Deliveries {
  /** Hands the secret to each of them, one after the other; what one meets keeps none from it. */
  deliver(secret: Secret): Promise<readonly Sent[]>;
  /** Leaves them as they were. */
  discard(): Promise<void>;
}

/**
 * Opens the places that `--to` names and looks for all that would keep a secret from getting there.
 * @throws UsageError for the first that is not fit; then all are as they were.
 */
export async function openSinks(
  places: readonly string[],
  force: boolean,
  host: Pick<Host, "env" | "platform" | "randomBytes" | "pipe" | "stdout">,
  alone: SinkContext["alone"],
): Promise<Deliveries> {
  const sinks = new Map<string, SecretSink>();
  for (const to of places) {
    if (sinks.has(to))
      throw new UsageError(`--to ${labelOf(to, sinks.get(to))} is given twice.`, {
        hint: "Leave out one of them.",
      });
    const sink = await parseSink(to);
    requireApart(to, sink, sinks);
    sinks.set(to, sink);
  }
  const { env, platform, randomBytes, pipe } = host;
  const context: SinkContext = {
    env,
    platform,
    randomBytes,
    pipe,
    force,
    mask: createMask(host),
    alone,
    findStdoutFault: () => host.stdout.findFault?.(),
  };
  const open = new Map<string, Delivery>();
  const discard = async () => {
    // What can't be taken away must not hide why it should be.
    for (const delivery of open.values()) await delivery.discard().catch(() => {});
  };
  for (const [to, sink] of sinks)
    try {
      open.set(to, await sink.prepare(context));
    } catch (error) {
      await discard();
      throw toUsageError(labelOf(to, sink), error);
    }
  return {
    discard,
    async deliver(secret) {
      const sent: Sent[] = [];
      for (const [place, delivery] of open) {
        const to = labelOf(place, sinks.get(place));
        try {
          await delivery.deliver(secret);
          sent.push({ to });
        } catch (cause) {
          await delivery.discard().catch(() => {});
          const details = { hint: hintOf(cause), cause };
          sent.push({ to, error: new CliError("partial", `${to}: ${wordsOf(cause)}`, details) });
        }
      }
      return sent;
    },
  };
}

/** How output and errors name a destination. */
const labelOf = (to: string, sink: SecretSink | undefined): string => sink?.label ?? to;

async function parseSink(text: string): Promise<SecretSink> {
  const [, name, argument = ""] = /^([^:]*):?(.*)$/s.exec(text) ?? [];
  const kind = sinkKinds.find((each) => each.name === name);
  if (!kind)
    // It may be a secret that was given by mistake: it is not repeated.
    throw new UsageError("--to: there is no such kind of place.", {
      hint: ["A secret can be sent to:", ...sinkKinds.map(({ form }) => `  ${form}`)],
    });
  const wantsMore = kind.form !== kind.name;
  if (wantsMore !== (argument !== ""))
    throw new UsageError(`--to ${kind.name} lacks something, or has too much.`, {
      hint: `It is written ${kind.form}: ${kind.title}.`,
    });
  const { parse } = await kind.load();
  try {
    return parse(argument);
  } catch (error) {
    throw toUsageError(text, error);
  }
}

/** Two sinks may share a file only if each leaves what the other writes. */
function requireApart(
  to: string,
  { target }: SecretSink,
  others: ReadonlyMap<string, SecretSink>,
): void {
  for (const [other, { target: same }] of others)
    if (
      target &&
      target.path === same?.path &&
      (!target.key || !same.key || target.key === same.key)
    )
      throw new UsageError(`--to ${other} and --to ${to} would write over each other.`, {
        hint: "Leave out one of them, or give them different files.",
      });
}

/** The runner reads stdout line by line, and unescapes what follows the command's name. */
function createMask({ stdout }: Pick<Host, "stdout">): SinkContext["mask"] {
  let masked: Promise<void> | undefined;
  return (secret) => {
    masked ??= stdout
      .write(`::add-mask::${secret.reveal().replaceAll("%", "%25")}\n`)
      .catch((cause: unknown) => {
        throw new CliError(
          "partial",
          `stdout can't be written (${codeOf(cause)}), so the runner can't be told to hide the secret.`,
          { hint: "Check where stdout goes: the runner has to read it.", cause },
        );
      });
    return masked;
  };
}

/** What keeps a secret from a place, before there is one; a bug stays one. */
function toUsageError(to: string, error: unknown): unknown {
  const isBug = !(error instanceof CliError) && codeOf(error) === "";
  if (isBug || error instanceof InterruptedError) return error;
  return new UsageError(`--to ${to}: ${wordsOf(error)}`, { hint: hintOf(error), cause: error });
}

const wordsOf = (error: unknown): string =>
  error instanceof CliError
    ? error.message
    : `it can't be written (${codeOf(error) || "a bug in tokctl"}).`;

const folder = "The folder (of a runner's file the file, too) has to be there already.";
const permissions = "Check the permissions of the file and of its folder.";
const hints: Readonly<Record<string, string>> = {
  EACCES: permissions,
  EEXIST: "It is there already: choose another path, or replace it with --force.",
  EISDIR: "It is a folder: name a file in it.",
  ELOOP: "It is a symbolic link: name the file that it leads to.",
  ENAMETOOLONG: "Choose a shorter path.",
  ENOENT: folder,
  ENOSPC: "The disk is full.",
  ENOTDIR: folder,
  EPERM: permissions,
  EROFS: permissions,
};

const hintOf = (error: unknown) =>
  error instanceof CliError ? error.hint : (ownValue(hints, codeOf(error)) ?? "Try another place.");

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";
