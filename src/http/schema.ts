/**
 * The part of the Standard Schema interface (standardschema.dev, version 1) that the client calls,
 * so that it knows no schema library.
 */
export interface Schema<T> {
  readonly "~standard": {
    readonly validate: (value: unknown) => Outcome<T> | Promise<Outcome<T>>;
  };
}

type Outcome<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

export interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** `items.0.spec.role`: where in a body it is wrong, at first. Never the values found there. */
export function describeIssues(issues: readonly Issue[]): string {
  const places = new Set<string>();
  for (const issue of issues) {
    if (places.size === 8) return [...places, "…"].join(", ");
    places.add(issuePath(issue));
  }
  return [...places].join(", ");
}

const issuePath = ({ path = [] }: Issue): string =>
  path
    .map((part) => String(typeof part === "object" ? part.key : part))
    .join(".")
    .slice(0, 100) || "the body";
