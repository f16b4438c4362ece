import open from "open";

/** Shows an address in the person's browser: see `Host.openUrl`. */
export async function openUrl(url: string): Promise<boolean> {
  try {
    const started = await open(url);
    // A launcher that fails later says so in vain: the address is told as well.
    started.on("error", () => {});
    return true;
  } catch {
    return false;
  }
}
