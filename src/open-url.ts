import open from "open";
import { isWebUrl } from "./core/web-url.ts";

/** Shows an address in the person's browser: see `Host.openUrl`. */
export async function openUrl(url: string): Promise<boolean> {
  // A server may have sent it: no other scheme is handed to the system.
  if (!isWebUrl(url)) return false;
  try {
    const started = await open(url);
    // A launcher that fails later says so in vain: the address is told as well.
    started.on("error", () => {});
    return true;
  } catch {
    return false;
  }
}
