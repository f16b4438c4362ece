import { CliError, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { createMask } from "./ci-job.ts";
import { sinkKinds, splitDestination } from "./index.ts";
import type {
  Deliveries,
  Delivery,
  DeliveryResult,
  DestinationRecord,
  RecordingSink,
  SecretSink,
  SinkContext,
} from "./sink.ts";
import { hintOf, messageOf, toUsageError } from "./sink-errors.ts";
import { toTokenRecord } from "./token-record.ts";

/**
 * Opens the destinations of `--to`, before the token is created.
 * @param profile the profile with the credential in use, for the records of the destinations.
 * @throws UsageError for the first one that is invalid or can't be opened; then none is changed.
 */
export async function openSinks(
  destinations: readonly string[],
  force: boolean,
  profile: string | undefined,
  host: SinkHost,
  withFileLock: SinkContext["withFileLock"],
): Promise<Deliveries> {
  const sinks = new Map<string, SecretSink>();
  for (const to of destinations) {
    if (sinks.has(to))
      throw new UsageError(`--to ${labelOf(to, sinks.get(to))} is passed twice.`, {
        hint: "Omit one of them.",
      });
    const sink = await parseSink(to);
    requireSeparateTargets(to, sink, sinks);
    sinks.set(to, sink);
  }
  const context = createContext(host, force, withFileLock);
  const open = new Map<string, Delivery>();
  const discard = async () => {
    for (const delivery of open.values()) await discardQuietly(delivery);
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
    async deliver(issued, replacedIds = []) {
      const record = toTokenRecord(issued, profile, replacedIds, host.now());
      const results: DeliveryResult[] = [];
      for (const [name, delivery] of open) {
        const to = labelOf(name, sinks.get(name));
        try {
          await delivery.deliver(issued.token, record);
          results.push({ to });
        } catch (cause) {
          await discardQuietly(delivery);
          const details = { hint: hintOf(cause), cause };
          results.push({
            to,
            error: new CliError("partial", `${to}: ${messageOf(cause)}`, details),
          });
        }
      }
      return results;
    },
  };
}

/**
 * Reads which tokens the destinations of `--to` record.
 * @throws UsageError for the first one that is invalid or can't be read.
 */
export async function readTokenRecords(
  destinations: readonly string[],
  host: SinkHost,
  withFileLock: SinkContext["withFileLock"],
): Promise<readonly DestinationRecord[]> {
  const context = createContext(host, false, withFileLock);
  const sinks = await Promise.all(
    destinations.map(async (text) => ({ text, sink: await parseSink(text) })),
  );
  return Promise.all(
    sinks.map(async ({ text, sink }) => {
      const to = labelOf(text, sink);
      try {
        const canRecord = "recordedToken" in sink;
        return { to, canRecord, record: canRecord ? await sink.recordedToken(context) : undefined };
      } catch (error) {
        throw toUsageError(to, error);
      }
    }),
  );
}

type SinkHost = Pick<Host, "env" | "platform" | "randomBytes" | "pipe" | "exec" | "stdout" | "now">;

function createContext(
  host: SinkHost,
  force: boolean,
  withFileLock: SinkContext["withFileLock"],
): SinkContext {
  const { env, platform, randomBytes, pipe, exec, stdout } = host;
  return {
    env,
    platform,
    randomBytes,
    pipe,
    exec,
    stdout,
    force,
    mask: createMask(stdout),
    withFileLock,
  };
}

/**
 * Discards a delivery after an error. Ignores a second error, so that it does not hide the first.
 */
async function discardQuietly(delivery: Delivery): Promise<void> {
  await delivery.discard().catch(() => {});
}

/** Returns the name of a destination in output and errors. */
const labelOf = (to: string, sink: SecretSink | undefined): string => sink?.label ?? to;

/** Returns the kind of a destination in quotes; "" for other text, which may be a secret, passed by mistake. */
function quoteKind(text: string): string {
  const [kind] = /^[a-z][a-z-]{0,19}(?=:|$)/.exec(text) ?? [];
  return kind === undefined ? "" : ` "${kind}"`;
}

async function parseSink(text: string): Promise<SecretSink | RecordingSink> {
  const { kind, argument } = splitDestination(text);
  if (!kind)
    throw new UsageError(`Unknown destination${quoteKind(text)} (--to).`, {
      hint: ["The destinations are:", ...sinkKinds.map(({ form }) => `  ${form}`)],
    });
  const needsArgument = kind.form !== kind.name;
  if (needsArgument !== (argument !== ""))
    throw new UsageError(
      needsArgument
        ? `--to ${kind.name} requires an argument.`
        : `--to ${kind.name} takes no argument.`,
      { hint: `Use --to ${kind.form} (${kind.title}).` },
    );
  const { parse } = await kind.load();
  try {
    return parse(argument);
  } catch (error) {
    throw toUsageError(text, error);
  }
}

/**
 * Checks that no two destinations conflict.
 * @throws UsageError for two destinations in one file, unless they are different variables.
 */
function requireSeparateTargets(
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
      throw new UsageError(`--to ${other} and --to ${to} would overwrite each other.`, {
        hint: "Omit one of them, or use different files.",
      });
}
