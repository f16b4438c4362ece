import { resolveCredential } from "./config/credentials.ts";
import {
  resolveProvider,
  resolveRegion,
  resolveUrl,
  resolveWhereabouts,
} from "./config/settings.ts";
import {
  type Capability,
  type Provider,
  requireSupport,
  type TokenProvider,
} from "./core/provider.ts";
import { UsageError } from "./errors.ts";
import type { Host } from "./host.ts";
import { type OutputOptions, say } from "./output/render.ts";
import { safe } from "./output/safe.ts";
import type { Note } from "./output/view.ts";
import { providers } from "./providers/index.ts";
import type { Sandbox } from "./sandbox/app.ts";
import type { Listening, ListenOptions } from "./sandbox/listen.ts";
import type { Switches } from "./sandbox/switches.ts";
import { version } from "./version.ts";

/** The options that every command takes. */
export interface GlobalOptions extends OutputOptions {
  readonly provider?: string | undefined;
  readonly url?: string | undefined;
  readonly region?: string | undefined;
  readonly project?: string | undefined;
  readonly namespace?: string | undefined;
  readonly appToken?: string | undefined;
  readonly appTokenFile?: string | undefined;
  readonly userHeader?: string | undefined;
  /** Milliseconds for a request and its reply. */
  readonly timeout: number;
  readonly debug: boolean;
}

/** An option on the command line that only some providers can serve. */
export interface Requirement {
  readonly flag: string;
  readonly capability: Capability;
}

/** The sandbox's own options, as plain data. */
export { defaultApi, switches as sandboxSwitches } from "./sandbox/switches.ts";

/** What a command may use. Nothing here is built, read or sent before it is asked for. */
export interface Context {
  readonly host: Host;
  /**
   * The chosen provider, as plain data.
   * @throws UsageError if none is chosen, or it lacks what an option asks for.
   */
  provider(): Provider;
  /** The provider at its place, with its credential. */
  tokens(): Promise<TokenProvider>;
  /**
   * Asks at the terminal, and throws an InterruptedError unless the answer is yes. Undefined where
   * nobody can be asked: in a pipe and in CI.
   */
  readonly confirm: ((question: string) => Promise<void>) | undefined;
  /** Says something before the result is there. */
  say(note: Note): Promise<void>;
  /** Serves the emulated APIs on this machine. */
  serveSandbox(options: ListenOptions & Switches): Promise<Listening & Pick<Sandbox, "apis">>;
}

/** The composition root: the only place that knows providers, configuration and the sandbox. */
export function createContext(
  host: Host,
  options: GlobalOptions,
  requirements: readonly Requirement[],
): Context {
  const { env, terminal, interrupt } = host;
  const warned = new Set<string>();
  function provider(): Provider {
    const chosen = resolveProvider(providers, options, env);
    for (const { capability, flag } of requirements) requireSupport(chosen, capability, flag);
    return chosen;
  }
  return {
    host,
    provider,
    async tokens() {
      const chosen = provider();
      const url = resolveUrl(chosen, options, env);
      const whereabouts = resolveWhereabouts(chosen, options, env);
      const credential = await resolveCredential(options, host, chosen, url);
      return chosen.connect({
        url,
        whereabouts,
        region: resolveRegion(chosen, options, env),
        credential,
        transport: {
          fetch: host.fetch,
          now: host.now,
          deadline: host.deadline,
          interrupt,
          timeout: options.timeout,
          userAgent: `tokctl/${version}`,
          sleep: host.sleep,
          trace: (line) => {
            if (options.debug) aside(host.stderr.write(`debug: ${safe(line)}\n`));
          },
          warn: (warning) => {
            if (!warned.has(warning.text)) aside(say(warning, options, host));
            warned.add(warning.text);
          },
        },
      });
    },
    confirm:
      terminal && !isCi(env)
        ? async (question) => {
            const { confirm } = await import("./output/prompt.ts");
            await confirm(terminal, question, { color: options.color, interrupt });
          }
        : undefined,
    say: (note) => say(note, options, host),
    async serveSandbox(where) {
      const { createSandbox } = await import("./sandbox/app.ts");
      const { listen } = await import("./sandbox/listen.ts");
      const sandbox = createSandbox(host, where);
      const listening = await listen(sandbox, where).catch((cause: unknown) => {
        throw new UsageError(
          `The sandbox can't listen on ${where.host}, port ${where.port} (${reasonOf(cause)}).`,
          {
            hint: "Choose another --port (0 takes any free one) or --host.",
            cause,
          },
        );
      });
      return { ...listening, apis: sandbox.apis };
    },
  };
}

/** What is said on the side must not stop the work if it can't be said. */
const aside = (saying: Promise<void>): void => void saying.catch(() => {});

const reasonOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : "unknown reason";

/** CI systems set CI to something true; nothing there answers a question. */
const isCi = ({ CI }: Host["env"]): boolean => !!CI && CI !== "0" && CI !== "false";
