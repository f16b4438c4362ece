import { createHome } from "./home.ts";
import type { RunOptions } from "./outcome.ts";

/** The options of a first token, by provider. */
export const firstTokens = {
  "ovh-ai": "-r ai_training_read -l group=A",
  "ovh-cloud": "-r ai_training_read --region GRA",
  osmo: "-r osmo-user -e 90d",
} as const;

/** Returns a family of tokens `ci` with a .env file, which a consumer reads. */
export function createFamily(api: keyof typeof firstTokens = "ovh-ai") {
  const home = createHome(api);
  const env = { ...home.environment, TOKCTL_STATE_DIR: home.path("state") };
  const destination = `env-file:${home.path(".env")}#CI`;
  const line = (words: string | readonly string[]) => [
    ...`token rotate ci ${firstTokens[api]} --to ${destination}`.split(" "),
    ...(typeof words === "string" ? words.split(" ") : words),
  ];
  const options = (more: RunOptions = {}) => ({ ...more, env: { ...env, ...more.env } });
  const list = async (): Promise<readonly { readonly id: string; readonly name: string }[]> =>
    home.json("token list", { env });
  return {
    ...home,
    env,
    destination,
    rotate: (words: string | readonly string[] = "--every 30d", more?: RunOptions) =>
      home.json(line(words), options(more)),
    tryRotate: (words: string | readonly string[] = "--every 30d", more?: RunOptions) =>
      home.run([...line(words), "-o", "json"], options(more)),
    list,
    names: async () => (await list()).map(({ name }) => name).toSorted(),
    /** Returns the name of the token whose secret the consumer reads; "" if it is not valid. */
    async consumer(file = ".env") {
      const [, secret = ""] = /^CI='?([^'\n]*)/m.exec(home.read(file)) ?? [];
      const { stdout } = await home.run("whoami -o json", {
        env: { ...env, TOKCTL_APP_TOKEN: secret },
      });
      return stdout === "" ? "" : JSON.parse(stdout).tokenName;
    },
  };
}
