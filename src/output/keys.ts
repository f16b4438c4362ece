import { Transform } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { Terminal } from "../host.ts";

const [lineFeed, carriageReturn, stop] = [0x0a, 0x0d, 0x1a];

/** Milliseconds after a carriage return in which a line feed belongs to the same line end. */
const crlfDelayMs = 100;

/** The time of a terminal's last chunk, if it ended with a carriage return. */
const returnedAt = new WeakMap<Terminal["input"], number>();

/**
 * Opens a terminal's input in raw mode for one question. Converts LF and CRLF of pasted text to a
 * carriage return, as the Enter key sends it. ^Z restores the terminal and stops the program.
 * @param redraw shows the question again when the program continues.
 */
export function openKeys({ input, suspend }: Terminal, redraw: () => void) {
  async function stopUntilContinued(): Promise<void> {
    raw(false);
    await suspend?.();
    raw(true);
    redraw();
  }
  const keys = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let wasReturn = performance.now() - (returnedAt.get(input) ?? -Infinity) < crlfDelayMs;
      const bytes: number[] = [];
      for (const byte of chunk) {
        if (byte === stop) void stopUntilContinued();
        else if (byte !== lineFeed) bytes.push(byte);
        else if (!wasReturn) bytes.push(carriageReturn);
        wasReturn = byte === carriageReturn;
      }
      returnedAt.set(input, wasReturn ? performance.now() : -Infinity);
      done(null, Buffer.from(bytes));
    },
  });
  const { isTTY, setRawMode } = input as Partial<NodeJS.ReadStream>;
  const raw = (mode: boolean) => void setRawMode?.call(input, mode);
  input.pipe(keys);
  return {
    input: Object.assign(keys, { isTTY, setRawMode: raw }),
    setRawMode: raw,
    close() {
      input.unpipe(keys);
      input.pause();
      raw(false);
    },
  };
}

/** The action of a key in a line of input. */
export type Key = "submit" | "interrupt" | "end" | "erase" | "erase-word" | "erase-line";

const controls: ReadonlyMap<string, Key> = new Map([
  ["\r", "submit"],
  ["\x03", "interrupt"],
  ["\x04", "end"],
  ["\b", "erase"],
  ["\x7f", "erase"],
  ["\x17", "erase-word"],
  ["\x15", "erase-line"],
]);

/** A key that edits or ends the line, or text to add to it. */
export type Stroke = { readonly key: Key } | { readonly text: string };

/**
 * Returns a function that splits a terminal's bytes into strokes. Drops other control characters and
 * escape sequences, such as arrow keys and the markers of a bracketed paste.
 */
export function createStrokeReader(): (chunk: Buffer) => readonly Stroke[] {
  const decoder = new StringDecoder("utf8");
  let sequence: "none" | "begun" | "control" | "single" = "none";
  function strokeOf(character: string): Stroke | undefined {
    if (sequence === "control" || sequence === "single") {
      // A control sequence ends with its final byte (ECMA-48, section 5.4).
      if (sequence === "single" || !/[ -?]/.test(character)) sequence = "none";
      if (character >= " ") return undefined;
    } else if (sequence === "begun") {
      sequence = character === "[" ? "control" : character === "O" ? "single" : "none";
      if (sequence !== "none") return undefined;
    }
    if (character === "\x1b") {
      sequence = "begun";
      return undefined;
    }
    const key = controls.get(character);
    if (key) return { key };
    return character < " " ? undefined : { text: character };
  }
  return (chunk) => Array.from(decoder.write(chunk)).flatMap((each) => strokeOf(each) ?? []);
}
