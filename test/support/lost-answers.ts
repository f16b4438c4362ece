import { existsSync, readdirSync } from "node:fs";
import type { Fetch, FetchInit } from "../../src/host.ts";
import { createHome } from "./home.ts";
import type { RunOptions } from "./outcome.ts";

/** Fails like a connection that is reset during a request. */
export const cut = () => {
  throw Object.assign(new Error("cut"), { code: "ECONNRESET" });
};

/** Returns a signed-in home, and servers that lose the responses to changes. */
export function createVictim(api = "ovh-ai") {
  const home = createHome(api);
  const env = { ...home.environment };
  const { request } = home.sandbox;
  const isChange = (url: string, { method }: FetchInit) =>
    ["POST", "PUT"].includes(method) && !/jwt|-probe-/.test(url);
  /** Executes the request, then calls `happen` instead of responding. */
  const losing =
    (happen: (url: string) => unknown = cut, times = 1): Fetch =>
    async (url, init) => {
      const reply = await request(url, init);
      const isLost = isChange(url, init) && times-- > 0;
      return isLost ? ((await happen(url)) as Response) : reply;
    };
  return {
    ...home,
    losing,
    run: (line: string | readonly string[], options?: RunOptions) =>
      home.run(line, { env, ...options }),
    json: (line: string | readonly string[], options?: RunOptions) =>
      home.json(line, { env, ...options }),
    env,
    /** The same account on another machine with a separate journal. */
    elsewhere: { ...env, TOKCTL_STATE_DIR: home.path("elsewhere") },
    /** A server that fails before every change. */
    deaf: (async (url, init) => (isChange(url, init) ? cut() : request(url, init))) satisfies Fetch,
    names: async () =>
      (await home.json("token list", { env })).map(({ name }: { name: string }) => name),
    /** Runs a command line until its first change, then stops it like a kill. */
    runHalf: (line: string, options: RunOptions = {}) =>
      new Promise<void>((resolve) => {
        const happen = () => new Promise(() => resolve());
        const process = { id: 7, machine: "here" };
        void home.run(line, { env, process, fetch: losing(happen), ...options });
      }),
    /** Runs an OSMO renewal until the token is deleted, then stops it like a kill. */
    deleteHalf: (name: string) =>
      new Promise<void>((resolve) => {
        const fetch: Fetch = async (url, init) => {
          const reply = await request(url, init);
          return init.method === "DELETE" && !/-probe-/.test(url)
            ? new Promise(() => resolve())
            : reply;
        };
        const process = { id: 7, machine: "here" };
        void home.run(`token renew ${name}`, { env, process, fetch });
      }),
    journal: () => {
      const folder = home.path(".local/state/tokctl/journal");
      return existsSync(folder) ? readdirSync(folder) : [];
    },
  };
}
