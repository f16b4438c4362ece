import type { ProviderId } from "../../src/providers/index.ts";
import type { Api } from "./apis.ts";
import { bodies } from "./bodies.ts";
import { connections } from "./connections.ts";
import { type Ends, type Fault, unsent } from "./fault.ts";
import { framing } from "./framing.ts";
import { lists } from "./lists.ts";
import { osmoTokens } from "./osmo-tokens.ts";
import { servingTokens } from "./serving-tokens.ts";
import { statuses } from "./statuses.ts";
import { tokens } from "./tokens.ts";

/** Faults by group. */
export type Groups = Readonly<Record<string, readonly Fault[]>>;

const transport: Groups = {
  Connection: connections,
  "HTTP framing of a response": framing,
  "Response body": bodies,
};

/** The faults in the response format of an API. */
const formats: Readonly<Record<Api["id"], Groups>> = {
  "ovh-ai": { "Token in a response": tokens, "Lists and pages": lists },
  "ovh-cloud": { "Token in a response": tokens },
  "ovh-serving": { "Token in a response": servingTokens },
  osmo: { "Token in a response": osmoTokens },
} satisfies Record<ProviderId, Groups>;

/** Returns the faults of an API, including those of its response format. */
export const groupsOf = ({ id }: Api): Groups => ({
  ...transport,
  ...formats[id],
  "Statuses, redirects and clocks": statuses,
});

/** Lists of the public API have no pages, and a 404 can refer to the project or the namespace. */
const publicApi: Readonly<Record<string, Ends>> = {
  "an empty list": { list: 0 },
  "404": { list: 3, create: 3 },
  "410": { list: 3, create: 3 },
};

const signInPage: Ends = { list: 4, get: 4, create: 4, delete: 4 };

/** Exit codes that differ from those of the regional API, by API and fault. */
const exceptions: Readonly<Record<Api["id"], Readonly<Record<string, Ends>>>> = {
  "ovh-ai": {},
  "ovh-cloud": publicApi,
  // ML Serving tokens have no version, so a lost renewal can't be distinguished from one that
  // failed.
  "ovh-serving": {
    ...publicApi,
    "first connection reset after the operation, all others work": { renew: 10 },
  },
  osmo: {
    // The token may exist: the response of the last attempt to create it again is lost.
    "connection reset after the operation, and all later ones": { renew: 10 },
    "a string": { create: 0, renew: 0 },
    "an empty list": { list: 0, get: 3 },
    // A proxy in front of the service redirects requests with an invalid credential to a sign-in
    // page.
    "302 to another host": signInPage,
    "302 with an empty location": signInPage,
    "302 without a location": signInPage,
    "302 to a javascript: URL": signInPage,
    "303 See Other": { list: 4, get: 4 },
    // `get` and `delete` find the token in the list.
    "404": { get: 12, delete: 12 },
    "409": { renew: 6 },
    "410": { get: 12, create: 3 },
  },
} satisfies Record<ProviderId, Readonly<Record<string, Ends>>>;

/** Returns the exit code of each command for a fault of this API. */
export function endsOf({ id }: Api, { name, ends }: Fault): Ends {
  // A renewal deletes the token first; the error contains the attributes that restore it.
  const isDeleted = id === "osmo" && ends !== unsent && ends.renew;
  return { ...ends, ...(isDeleted && { renew: 9 }), ...pick(exceptions[id]?.[name] ?? {}, ends) };
}

const pick = (from: Ends, like: Ends): Ends =>
  Object.fromEntries(Object.entries(from).filter(([operation]) => operation in like));
