import { systemCodeOf } from "../core/system-errors.ts";
import { CliError, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { sinkKinds, splitDestination } from "./index.ts";
import type { Deliveries, Delivery, DeliveryResult, SecretSink, SinkContext } from "./sink.ts";
import { hintOf, messageOf, toUsageError } from "./sink-errors.ts";

/**
 * Opens the destinations of `--to`, before the token is created.
 * @throws UsageError for the first one that is invalid or can't be opened; then none is changed.
 */
export async function openSinks(
  destinations: readonly string[],
  force: boolean,
  host: Pick<Host, "env" | "platform" | "randomBytes" | "pipe" | "stdout">,
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
  const { env, platform, randomBytes, pipe } = host;
  const context: SinkContext = {
    env,
    platform,
    randomBytes,
    pipe,
    force,
    mask: createMask(host),
    withFileLock,
    findStdoutFault: () => host.stdout.findFault?.(),
  };
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
    async deliver(secret) {
      const results: DeliveryResult[] = [];
      for (const [name, delivery] of open) {
        const to = labelOf(name, sinks.get(name));
        try {
          await delivery.deliver(secret);
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
 * Discards a delivery after an error. Ignores a second error, so that it does not hide the first.
 */
async function discardQuietly(delivery: Delivery): Promise<void> {
  await delivery.discard().catch(() => {});
}

/** Returns the name of a destination in output and errors. */
const labelOf = (to: string, sink: SecretSink | undefined): string => sink?.label ?? to;

async function parseSink(text: string): Promise<SecretSink> {
  const { kind, argument } = splitDestination(text);
  if (!kind)
    // The text may be a secret, passed by mistake, so the error does not repeat it.
    throw new UsageError("--to: unknown destination.", {
      hint: ["The destinations are:", ...sinkKinds.map(({ form }) => `  ${form}`)],
    });
  const needsArgument = kind.form !== kind.name;
  if (needsArgument !== (argument !== ""))
    throw new UsageError(
      needsArgument
        ? `--to ${kind.name} requires an argument.`
        : `--to ${kind.name} takes no argument.`,
      { hint: `The syntax is ${kind.form}: ${kind.title}.` },
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

/**
 * Returns a function that makes GitHub's runner mask a secret. The runner reads stdout line by line
 * and unescapes the text after the command's name.
 * @see
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#masking-a-value-in-a-log
 */
function createMask({ stdout }: Pick<Host, "stdout">): SinkContext["mask"] {
  let masked: Promise<void> | undefined;
  return (secret) => {
    masked ??= stdout
      .write(`::add-mask::${secret.reveal().replaceAll("%", "%25")}\n`)
      .catch((cause: unknown) => {
        throw new CliError(
          "partial",
          `cannot mask the secret in the job's log: stdout is not writable (${systemCodeOf(cause)}).`,
          { hint: "Don't redirect or close stdout: GitHub's runner reads it.", cause },
        );
      });
    return masked;
  };
}
