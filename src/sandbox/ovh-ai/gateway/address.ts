import { type Kind, kinds } from "../resources/kind.ts";
import type { Resource } from "../resources/resource.ts";

/** What the host of a request says: `ID.app.localhost`, or `ID-PORT.app.localhost`. */
export interface Address {
  readonly kind: Kind;
  readonly id: string;
  readonly port: number | undefined;
}

const host = new RegExp(`^(.+?)(?:-(\\d{1,5}))?\\.(${kinds.join("|")})\\.localhost$`);

/** The resource that a URL leads to; undefined if it leads to none. */
export function parseAddress(url: string): Address | undefined {
  const [, id, port, suffix] = host.exec(new URL(url).hostname) ?? [];
  const kind = kinds.find((each) => each === suffix);
  return id === undefined || kind === undefined
    ? undefined
    : { kind, id, port: port === undefined ? undefined : Number(port) };
}

/** Where a resource is served, by the address at which the sandbox was called. */
export function formatAddress({ id, kind }: Resource, sandbox: string): string {
  const { protocol, port } = new URL(sandbox);
  return `${protocol}//${id}.${kind}.localhost${port && `:${port}`}/`;
}
