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

/** `items.0.spec.role`: where in a body an issue stands. Never the value found there. */
export const issuePath = ({ path = [] }: Issue): string =>
  path.map((part) => String(typeof part === "object" ? part.key : part)).join(".") || "the body";
