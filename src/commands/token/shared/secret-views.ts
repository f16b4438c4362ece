import type { Note } from "../../../core/message.ts";
import { formatExpiry } from "../../../core/soft-expiry.ts";
import { describeToken, type IssuedToken, type Token } from "../../../core/token.ts";
import { toErrorData } from "../../../errors.ts";
import type {
  DeliverableSecret,
  SecretDelivery,
  SecretToPrint,
  SentSecret,
} from "../../../issuance/deliver.ts";
import { type Result, type ShowOptions, show, type View } from "../../../output/view.ts";
import type { Session } from "../../../session/session.ts";
import type { ListedToken } from "./selection.ts";
import { expiresSoon, tokenFields } from "./views.ts";

/** Returns the messages about a renewed token. */
export const describeRenewal = (token: Token): readonly string[] => [
  `Renewed token ${describeToken(token)}. The previous secret no longer works.`,
  ...(token.expiresAt === null ? [] : [`It expires at ${formatExpiry(token)}.`]),
];

/** Returns the messages about a token that was renewed, or replaced for another soft expiry. */
export const describeReissue = ({ issued, replaces }: DeliverableSecret): readonly string[] =>
  replaces
    ? [
        `Created token ${describeToken(issued)} in place of ${describeToken(replaces)}, because the API cannot change an expiry. It expires at ${formatExpiry(issued)}.`,
        ...describeSoftExpiry(issued),
      ]
    : describeRenewal(issued);

/** Returns the message about the effect of a soft expiry. */
export const describeSoftExpiry = ({ expiryEnforcedBy }: Token): readonly string[] =>
  expiryEnforcedBy === "client"
    ? [
        "The API does not enforce this expiry: the secret works until a run of token delete --expired.",
      ]
    : [];

/** Returns a warning for an early expiry, because a renewal keeps the expiry by default. */
export const warnOfExpiry = (token: Token, now: Date): readonly Note[] =>
  expiresSoon(token, now)
    ? [
        {
          text: `warning: Token ${describeToken(token)} expires in less than 7 days, at ${formatExpiry(token)}. To set a later expiry, renew it with ${token.expiryEnforcedBy === "client" ? "-e and --soft-expiry" : "-e"}.`,
          always: true,
        },
      ]
    : [];

const secret = ({ token }: IssuedToken): string => token.reveal();

const issuedView: View<IssuedToken> = {
  text: { kind: "lines", line: secret },
  description: { kind: "blocks", fields: tokenFields, last: { key: "Token", value: secret } },
  quietValue: secret,
};

/**
 * Shows a new secret, or the destinations that received it. Prints the notes first, so that the
 * secret is at the end of the screen.
 * @param profile the profile of the token, if the command runs over several.
 */
export async function showDelivery(
  session: Pick<Session, "say">,
  delivery: SecretDelivery,
  profile?: string,
): Promise<Result> {
  for (const note of delivery.notes) await session.say(note);
  return delivery.sent ? showSent(delivery, profile) : showIssued(delivery);
}

const showIssued = ({ issued, onWritten, onWriteError, failure }: SecretToPrint): Result =>
  show({ ...issued, token: issued.token.reveal() }, issuedView, {
    items: [issued],
    onWritten,
    onWriteError,
    failure,
  });

/** The view of several new secrets: a line `ID SECRET` for each, with the profile if there are several. */
const issuedListView: View<IssuedToken & ListedToken> = {
  ...issuedView,
  text: {
    kind: "lines",
    line: ({ profile, ...issued }) =>
      [...(profile === undefined ? [] : [profile]), issued.id, secret(issued)].join(" "),
  },
};

/** Shows the new secrets of several tokens. Prints the notes first, as `showDelivery` does. */
export async function showIssuedList(
  session: Pick<Session, "say">,
  issued: readonly (IssuedToken & ListedToken)[],
  { notes = [], ...options }: Omit<ShowOptions<IssuedToken & ListedToken>, "items">,
): Promise<Result> {
  for (const note of notes) await session.say(note);
  return show(
    issued.map((each) => ({ ...each, token: each.token.reveal() })),
    issuedListView,
    { items: issued, ...options },
  );
}

/** A token, and the destinations that received its secret. */
type SentToken = Token & { readonly to: readonly string[] };

const sentView: View<SentToken> = {
  text: {
    kind: "lines",
    line: ({ to, ...token }) => `Wrote the secret of ${describeToken(token)} to ${to.join(", ")}.`,
  },
  description: {
    kind: "blocks",
    fields: [...tokenFields, { key: "Sent to", value: ({ to }) => to.join(", ") }],
  },
  quietValue: ({ id }) => id,
};

function showSent({ issued, sent, failure }: SentSecret, profile?: string): Result {
  const { token: _secret, ...attributes } = issued;
  const token = { ...(profile !== undefined && { profile }), ...attributes };
  const deliveries = sent.map(({ to, error }) => ({
    to,
    delivered: !error,
    ...(error && { error: toErrorData(error) }),
  }));
  const to = deliveries.filter(({ delivered }) => delivered).map((each) => each.to);
  const items = to.length === 0 ? [] : [{ ...token, to }];
  return show({ ...token, deliveries }, sentView, { items, failure });
}
