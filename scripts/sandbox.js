import { spawn } from "node:child_process";

/** Starts the sandbox of the program and waits until it prints its URL and credential. */
export async function startSandbox(tokctl, ...options) {
  const sandbox = spawn(process.execPath, [tokctl, "sandbox", "serve", "--port", "0", ...options], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const { stderr } = sandbox;
  let text = "";
  stderr.setEncoding("utf8");
  for await (const chunk of stderr.iterator({ destroyOnReturn: false })) {
    text += chunk;
    const [, url, appToken] =
      /PROVIDER='ovh-ai'\nexport TOKCTL_URL='(.+)'\nexport TOKCTL_APP_TOKEN='(.+)'\n/.exec(text) ??
      [];
    if (url) return { url, appToken, stop: () => sandbox.kill() };
  }
  throw new Error(`The sandbox ended: ${text}`);
}
