import type { Host } from "../host.ts";

/** CI systems set CI to something true; nobody there watches or answers. */
export const isCi = ({ CI }: Host["env"]): boolean => !!CI && CI !== "0" && CI !== "false";
