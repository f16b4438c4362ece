import type { ReservedLabels, Role } from "../../core/provider.ts";
import { type ResourceAccess, resourceKinds } from "../../core/resource.ts";
import { uuidSource } from "../../core/text.ts";

const everything: ResourceAccess = { kinds: resourceKinds };
const quantumNotebooks: ResourceAccess = { kinds: ["notebook"], limitedTo: "Quantum Notebooks" };

/** Roles of AI tokens, in the regional and in the public API. */
export const aiRoles: readonly Role[] = [
  {
    name: "ai_training_read",
    description: "access apps, jobs and notebooks",
    access: everything,
  },
  {
    name: "ai_training_operator",
    description: "ai_training_read, and start, stop and delete apps, jobs and notebooks",
    access: everything,
  },
  {
    name: "quantum_reader",
    description: "access Quantum Notebooks",
    access: quantumNotebooks,
  },
  {
    name: "quantum_operator",
    description: "quantum_reader, and start, stop and delete Quantum Notebooks",
    access: quantumNotebooks,
  },
  {
    name: "read",
    description: "deprecated name of ai_training_read",
    replacedBy: "ai_training_read",
    access: everything,
  },
  {
    name: "operator",
    description: "deprecated name of ai_training_operator",
    replacedBy: "ai_training_operator",
    access: everything,
  },
];

/** Labels that the platform sets. */
export const aiReservedLabels: ReservedLabels = {
  prefix: "ovh/",
  values: new Map([
    [
      "ovh/id",
      {
        pattern: new RegExp(`^${uuidSource}$`),
        words: "the complete ID of an app, job or notebook in lower case",
      },
    ],
    ["ovh/type", { pattern: /^(app|job|notebook)$/, words: "app, job or notebook" }],
  ]),
};
