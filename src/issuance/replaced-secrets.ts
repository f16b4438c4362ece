import { describeToken, type Token } from "../core/token.ts";
import type { Session } from "../session/session.ts";
import type { DestinationRecord } from "../sinks/sink.ts";

/**
 * Reads the records of the destinations before they are replaced. A record that can't be read is
 * omitted, because the destination may be writable only.
 */
export async function readEarlierRecords(
  session: Session,
  destinations: readonly string[],
): Promise<readonly DestinationRecord[]> {
  const read = destinations.map((to) => session.readTokenRecords([to]).catch(() => []));
  return (await Promise.all(read)).flat();
}

/**
 * Returns a message for each destination that had the secret of another token.
 * @param replaces the previous token, which the new one replaces; it has no message.
 * @param delivered the destinations that received the new secret.
 */
export const describeReplacedSecrets = (
  { issued, replaces }: { readonly issued: Token; readonly replaces?: Token | undefined },
  earlier: readonly DestinationRecord[],
  delivered: readonly string[],
): readonly string[] =>
  earlier.flatMap(({ to, record }) =>
    record && ![issued.id, replaces?.id].includes(record.id) && delivered.includes(to)
      ? [
          `Replaced the secret of token ${describeToken({ id: record.id, name: record.name ?? null })} in ${to}. This did not delete that token.`,
        ]
      : [],
  );
