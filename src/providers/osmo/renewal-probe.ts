import type { Transport } from "../../core/connection.ts";
import { formatOwner } from "../../core/target-options.ts";
import { toHex } from "../../core/text.ts";
import type { Token } from "../../core/token.ts";
import { CliError, type ErrorCode, NotFoundError, UnfinishedError } from "../../errors.ts";
import { NetworkError } from "../../http/errors/network-errors.ts";
import { type RequestedExpiry, sendWithLatestExpiry } from "./lifetime.ts";
import type { CreateRequest, TokenEndpoints } from "./tokens.ts";

/** The dependencies of a probe. */
export interface ProbeContext {
  readonly endpoints: TokenEndpoints;
  readonly owner: string | undefined;
  readonly now: () => Date;
  readonly randomBytes: (size: number) => Uint8Array;
  /** The time budget of the run. The deletion of the probe may exceed it. */
  readonly budget: Transport["budget"];
}

/**
 * Checks whether the service accepts the creation of a token, by creating it with another name and
 * deleting it. Also deletes probes of earlier interrupted runs.
 * @returns the expiry date that the service accepts: the requested one, or its maximum.
 * @throws CliError like a create; UnfinishedError if the probe may still exist.
 */
export async function probeRenewal(
  { endpoints, owner, now, randomBytes, budget }: ProbeContext,
  expiry: RequestedExpiry,
  request: Omit<CreateRequest, "expiresAt">,
): Promise<string> {
  const tokens = await endpoints.list();
  await removeProbes(endpoints, request.name, tokens);
  const name = unusedName(request.name, tokens, randomBytes);
  const description = probeDescription(request.name);
  const unfinished = (error: CliError) =>
    new UnfinishedError(
      error.code === "outcome_unknown" ? "network" : error.code,
      `Token "${request.name}" was not renewed and is still valid: ${error.reason}`,
      {
        hint: [
          `The temporary token "${name}" of the check may still exist. Delete it with tokctl recover, or:`,
          `tokctl token delete ${name}${formatOwner(owner)} --missing-ok`,
        ],
        requestId: error.requestId,
        cause: error,
        isTokenUnchanged: true,
      },
    );
  let accepted: string;
  try {
    const sent = await sendWithLatestExpiry(expiry, now(), (expiresAt) =>
      endpoints.tryCreate({ ...request, name, description, expiresAt }),
    );
    accepted = sent.date;
  } catch (error) {
    if (!(error instanceof CliError) || !mayHaveCreated(error)) throw error;
    // The probe may have been created.
    budget?.ensure();
    const existed = await remove(endpoints, name).catch(() => false);
    throw existed ? error : unfinished(error);
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
 * Deletes the probes of an interrupted renewal of a token.
 * @returns whether there were any.
 * @throws CliError like a deletion.
 */
export async function removeProbes(
  endpoints: TokenEndpoints,
  name: string,
  tokens: readonly Token[],
): Promise<boolean> {
  const probes = tokens.filter((token) => isProbeOf(name, token));
  for (const { id } of probes) await remove(endpoints, id);
  return probes.length > 0;
}

/** Returns whether a token is a probe, by its name and description. */
const isProbeOf = (name: string, token: Token): boolean =>
  token.id.startsWith(`${name}-probe-`) &&
  /^[0-9a-f]{8}$/.test(token.id.slice(`${name}-probe-`.length)) &&
  token.description === probeDescription(name);

const probeDescription = (name: string): string =>
  `Temporary: tokctl checks whether ${name} can be renewed. Safe to delete.`;

function unusedName(
  name: string,
  tokens: readonly Token[],
  randomBytes: ProbeContext["randomBytes"],
): string {
  const candidate = `${name}-probe-${toHex(randomBytes(4))}`;
  return tokens.some(({ id }) => id === candidate)
    ? unusedName(name, tokens, randomBytes)
    : candidate;
}

/** Deletes a probe. @returns whether it existed: another run may have deleted it. */
async function remove(endpoints: TokenEndpoints, name: string): Promise<boolean> {
  try {
    await endpoints.delete(name);
    return true;
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}

/** Error codes after which the probe may exist. */
const maybeCreatedCodes: readonly ErrorCode[] = ["outcome_unknown", "server_error", "network"];

const mayHaveCreated = (error: CliError): boolean =>
  maybeCreatedCodes.includes(error.code) && !(error instanceof NetworkError && !error.wasSent);
