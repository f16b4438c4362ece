import { Transform } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { Terminal } from "../host/host.ts";

const [lineFeed, carriageReturn, stop, escapeByte] = [0x0a, 0x0d, 0x1a, 0x1b];

/** A line feed that comes this many milliseconds after a carriage return ends the same line. */
const crlfDelayMs = 100;

/** When a terminal's last chunk ended with a carriage return. */
const returnedAt = new WeakMap<Terminal["input"], number>();

/**
 * Opens a terminal's input for one question. Every line end arrives as a carriage return, which is
 * what the Enter key sends: pasted text may end its lines with LF or CRLF. ^Z stops the program,
 * with the terminal as it was.
 * @param redraw shows the question again when the program is continued.
 * @param takesText whether letters are a part of the answer; else they are left out.
 */
export function openKeys(
  { input, suspend }: Terminal,
  redraw: () => void,
  { takesText }: { readonly takesText: boolean },
) {
  const isText = createTextDetector();
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
        const isLeftOut = isText(byte) && !takesText;
        if (byte === stop) void stopUntilContinued();
        else if (byte !== lineFeed) bytes.push(...(isLeftOut ? [] : [byte]));
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

/**
 * Tells visible ASCII characters from control characters, space, and what belongs to an escape
 * sequence (ECMA-48, section 5.4).
 */
function createTextDetector(): (byte: number) => boolean {
  let sequence: "none" | "begun" | "control" | "single" = "none";
  return (byte) => {
    const isOutside = sequence === "none";
    if (byte === escapeByte) sequence = "begun";
    else if (sequence === "begun")
      sequence = byte === 0x5b ? "control" : byte === 0x4f ? "single" : "none";
    else if (sequence === "single" || byte >= 0x40) sequence = "none";
    return isOutside && byte > 0x20 && byte < 0x7f;
  };
}

/** What a key does to a line that is being typed. */
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

/** A key that edits or ends the line, or text that is added to it. */
export type Stroke = { readonly key: Key } | { readonly text: string };

/**
 * Splits a terminal's bytes into strokes. Escape sequences (arrow keys, the marks around a
 * bracketed paste) and other control characters are left out.
 */
export function createStrokeReader(): (chunk: Buffer) => readonly Stroke[] {
  const decoder = new StringDecoder("utf8");
  let sequence: "none" | "begun" | "control" | "single" = "none";
  function strokeOf(character: string): Stroke | undefined {
    if (sequence === "control" || sequence === "single") {
      // A control sequence goes on up to its final byte (ECMA-48, section 5.4).
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
