import type { ProviderId } from "../../src/providers/index.ts";

/** The command that creates a token on each provider. Where tokens have no name, it is their resource. */
const lines: Readonly<Record<string, (name: string) => string>> = {
  "ovh-ai": (name) => `token create ${name} -r ai_training_read`,
  "ovh-cloud": (name) => `token create ${name} -r ai_training_read --region GRA`,
  "ovh-serving": (name) => `token create -r model-evaluation --resource ${name}`,
  osmo: (name) => `token create ${name} -r osmo-user`,
} satisfies Record<ProviderId, (name: string) => string>;

/** Returns the command that creates a token on a provider. */
export function createLine(provider: string, name: string): string {
  const line = lines[provider];
  if (!line) throw new Error(`test/support/create-lines.ts has no entry for ${provider}`);
  return line(name);
}
