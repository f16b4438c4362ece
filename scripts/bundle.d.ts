import type { RolldownOutput } from "rolldown";

export function bundleProgram(): Promise<RolldownOutput>;
