import type { Timestamp } from "../core/time.ts";
import type { Token } from "../core/token.ts";
import type { TokenProvider } from "../core/token-provider.ts";
import type { Session } from "../session/session.ts";
import { unwrap } from "../session/target/target.ts";
import { readCreationDates } from "./investigate.ts";
import type { RotationRecords } from "./rotation-records.ts";
import { type FamilyState, generationOf } from "./rotation-state.ts";

/** A family of tokens to rotate: `NAME`, and its generations `NAME-rN`. */
export interface TokenFamily {
  readonly session: Session;
  readonly tokens: TokenProvider;
  /** The name without a generation number. */
  readonly name: string;
  /** The owner of the tokens, if it is another user. */
  readonly owner: string | undefined;
  readonly records: RotationRecords;
}

/** The state of a family, with all tokens of its owner. */
export interface ListedFamily extends FamilyState {
  /** Also the tokens of other regions. */
  readonly allTokens: readonly Token[];
}

/** Reads the state of a family from the server and the destinations. @throws CliError */
export async function readFamily(family: TokenFamily): Promise<ListedFamily> {
  const { session, tokens, name, owner } = family;
  const records = await family.records.read();
  const allTokens = await tokens.list(owner);
  const region = unwrap(session.target.tokenRegion);
  const own = allTokens.filter((token) => region === undefined || token.region === region);
  const related = own.filter((token) => generationOf(name, token.name) !== undefined);
  const createdAt = await readCreationDates(tokens, related, owner);
  const inUse = related.length === 0 ? undefined : await tokens.tokenInUse();
  const { now, offset } = session.clock.moment();
  return {
    name,
    tokens: own,
    allTokens,
    records,
    // A renewal is the only update of a token.
    issuedAt: (token): Timestamp | null => token.updatedAt ?? createdAt(token),
    inUse,
    // The earliest possible time of the server, so that no token is deleted early.
    now: now + (offset?.min ?? 0),
  };
}
