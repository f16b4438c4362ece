import type { ResourceKind } from "./resource.ts";

/** The hints for a change after its response, possibly with a secret, was lost. */
export const lostResponseHints = {
  create: (name: string | undefined) =>
    `The token may have been created; its secret is lost. Find ${name === undefined ? "it" : `"${name}"`} with tokctl token list, then renew or delete it.`,
  renew: (id: string) =>
    `The previous secret may no longer work. To create another: tokctl token renew ${id}`,
  run: (kind: ResourceKind) => `The ${kind} may be running. Find it: tokctl ${kind} list`,
  delete: "It may have been deleted. Delete it again with --missing-ok.",
} as const;
