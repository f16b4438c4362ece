import type { Transport } from "../../core/connection.ts";
import { toHex } from "../../core/text.ts";
import type { Token } from "../../core/token.ts";
import { CliError, type ErrorCode, NotFoundError, UnfinishedError } from "../../errors.ts";
import { NetworkError } from "../../http/network-errors.ts";
import { type Ending, sendWithin } from "./lifetime.ts";
import { userOption } from "./restore.ts";
import type { CreateRequest, TokenEndpoints } from "./tokens.ts";

/** What a probe is made with. */
export interface Probing {
  readonly endpoints: TokenEndpoints;
  readonly owner: string | undefined;
  readonly now: () => Date;
  readonly randomBytes: (size: number) => Uint8Array;
  /** What all requests may take together, but for the deletion of what was created. */
  readonly budget: Transport["budget"];
}

/**
 * Checks that the service would create a token: creates it under another name, and deletes that.
 * Probes that an earlier run left are deleted, too.
 * @returns the date on which such a token can end: the asked one, or the latest that is allowed.
 * @throws CliError as a create does; UnfinishedError if the probe may be left.
 */
export async function probe(
  { endpoints, owner, now, randomBytes, budget }: Probing,
  { date, asked }: Ending,
  request: Omit<CreateRequest, "expiresAt">,
): Promise<string> {
  const tokens = await endpoints.list();
  await removeProbes(endpoints, request.name, tokens);
  const name = freeName(request.name, tokens, randomBytes);
  const description = noteOf(request.name);
  const unfinished = (error: CliError) =>
    new UnfinishedError(
      error.code === "outcome_unknown" ? "network" : error.code,
      `"${request.name}" was not renewed and still works: ${error.message}`,
      {
        hint: [
          `The temporary token "${name}", which checks whether it can be renewed, may be left. tokctl recover deletes it. So does this:`,
          `tokctl token delete ${name}${userOption(owner)} --missing-ok`,
        ],
        requestId: error.requestId,
        cause: error,
        isTokenUnchanged: true,
      },
    );
  let accepted: string;
  try {
    const sent = await sendWithin({ date, asked }, now(), (expiresAt) =>
      endpoints.tryCreate({ ...request, name, description, expiresAt }),
    );
    accepted = sent.date;
  } catch (error) {
    if (!(error instanceof CliError) || !mayBeDone(error)) throw error;
    // It may have been created, or still be.
    budget?.ensure();
    const wasThere = await remove(endpoints, name).catch(() => false);
    throw wasThere ? error : unfinished(error);
  }
  budget?.ensure();
  try {
    await remove(endpoints, name);
  } catch (error) {
    throw error instanceof CliError ? unfinished(error) : error;
  }
  return accepted;
}

/**
 * Deletes what an interrupted renewal of the token left.
 * @returns whether there was something.
 * @throws CliError as a deletion does.
 */
export async function removeProbes(
  endpoints: TokenEndpoints,
  name: string,
  tokens: readonly Token[],
): Promise<boolean> {
  const left = tokens.filter((token) => isProbeOf(name, token));
  for (const { id } of left) await remove(endpoints, id);
  return left.length > 0;
}

/** Whether a token is a probe: by its name, and by a description that nobody else gives. */
const isProbeOf = (name: string, token: Token): boolean =>
  token.id.startsWith(`${name}-probe-`) &&
  /^[0-9a-f]{8}$/.test(token.id.slice(`${name}-probe-`.length)) &&
  token.description === noteOf(name);

const noteOf = (name: string): string =>
  `Temporary: tokctl checks whether ${name} can be renewed. Safe to delete.`;

function freeName(
  name: string,
  tokens: readonly Token[],
  randomBytes: Probing["randomBytes"],
): string {
  const free = `${name}-probe-${toHex(randomBytes(4))}`;
  return tokens.some(({ id }) => id === free) ? freeName(name, tokens, randomBytes) : free;
}

/** @returns whether it was there: another run may have deleted it. */
async function remove(endpoints: TokenEndpoints, name: string): Promise<boolean> {
  try {
    await endpoints.delete(name);
    return true;
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}

/** Codes of failures after which the probe may be there all the same. */
const ambiguous: readonly ErrorCode[] = ["outcome_unknown", "server_error", "network"];

const mayBeDone = (error: CliError): boolean =>
  ambiguous.includes(error.code) && !(error instanceof NetworkError && !error.wasSent);
