import type { RolldownOutput } from "rolldown";

export function bundleProgram(): Promise<RolldownOutput>;
export function bundleLibrary(): Promise<RolldownOutput>;
