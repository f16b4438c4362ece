/** What runs on the platform. */
export const kinds = ["app", "job", "notebook"] as const;
export type Kind = (typeof kinds)[number];
