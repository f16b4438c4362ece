const frames = ["|", "/", "-", "\\"];
/** Maximum and minimum width of the progress bar in characters. A narrower bar is omitted. */
const [maxBar, minBar] = [30, 5];

/**
 * Returns a function that formats the progress line in ASCII, shorter than `columns`: a spinner
 * with the server's host, or a progress bar for several items.
 */
export function createProgressLine(): (state: ProgressState, columns: number) => string {
  let frame = 0;
  return ({ server, items }, columns) => {
    const spinner = frames[frame++ % frames.length] ?? "";
    if (!items) return `${spinner} Waiting for ${server}`.slice(0, columns - 1);
    const { label, done, total } = items;
    const text = `${spinner} ${label} ${done} of ${total}`;
    const size = Math.min(maxBar, columns - 1 - text.length - " []".length);
    if (size < minBar) return text.slice(0, columns - 1);
    const filled = Math.floor((done / total) * size);
    return `${text} [${"#".repeat(filled)}${".".repeat(size - filled)}]`;
  };
}

/** The operation in progress. */
export interface ProgressState {
  /** Host of the server of the latest request. */
  server: string;
  /** Progress of an operation on several items. */
  items: { readonly label: string; readonly total: number; done: number } | undefined;
}
