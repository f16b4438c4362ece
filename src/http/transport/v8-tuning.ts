import { setFlagsFromString } from "node:v8";

/** Told of what requests come to, by those who tune the process for it. */
export interface Tuning {
  /** A connection was made. */
  connected(): void;
  /** There is much to read. */
  loaded(): void;
}

/** Sets V8 flags, which hold for the whole process: for a process that is this program's own. */
export const v8Tuning: Tuning = {
  // The first connection makes undici compile its parser, a WebAssembly. Optimising it would be most of the
  // cost of a call, and never pay off. No sooner: V8 has Node's own modules compiled only for other flags.
  connected: () => setFlagsFromString("--liftoff-only"),
  // V8 would rather take half as much memory again than collect what a long list leaves behind.
  // Not before it is needed: Node's own modules are compiled already, but for other flags.
  loaded() {
    setFlagsFromString("--optimize-for-size");
    setFlagsFromString("--semi-space-growth-factor=1");
  },
};
