const frames = ["|", "/", "-", "\\"];
/** Cells of a bar, where there is room; one much shorter says nothing. */
const [longest, shortest] = [30, 5];

/**
 * Draws what is waited for on one line that is narrower than the terminal, in ASCII, which every
 * terminal shows: a bar where there are several things to do, else a wheel that turns.
 */
export function createPicture(): (awaited: Awaited, columns: number) => string {
  let frame = 0;
  return ({ server, tally }, columns) => {
    const wheel = frames[frame++ % frames.length] ?? "";
    if (!tally) return `${wheel} Waiting for ${server}`.slice(0, columns - 1);
    const { what, done, total } = tally;
    const words = `${wheel} ${what} ${done} of ${total}`;
    const size = Math.min(longest, columns - 1 - words.length - " []".length);
    if (size < shortest) return words.slice(0, columns - 1);
    const full = Math.floor((done / total) * size);
    return `${words} [${"#".repeat(full)}${".".repeat(size - full)}]`;
  };
}

/** What is waited for. */
export interface Awaited {
  /** The server that is to answer. */
  server: string;
  /** What is done of several things. */
  tally: { readonly what: string; readonly total: number; done: number } | undefined;
}
