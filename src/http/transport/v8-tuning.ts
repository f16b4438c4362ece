import { setFlagsFromString } from "node:v8";

/** Is notified of network events, to tune the process. */
export interface Tuning {
  /** Called for each new connection. */
  connected(): void;
  /** Called when much data is being read. */
  loaded(): void;
}

/**
 * Sets V8 flags. They apply to the whole process, so only the program uses this, not the library.
 * They are set as late as possible: Node's code cache is invalid once the flags have changed.
 */
export const v8Tuning: Tuning = {
  // undici compiles its parser (WebAssembly) at the first connection. Optimizing it takes longer than
  // a short command runs.
  connected: () => setFlagsFromString("--liftoff-only"),
  // Collects garbage of a long list earlier, instead of growing the heap by half.
  loaded() {
    setFlagsFromString("--optimize-for-size");
    setFlagsFromString("--semi-space-growth-factor=1");
  },
};
