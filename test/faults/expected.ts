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

/** Faults by what is at fault. */
export type Groups = Readonly<Record<string, readonly Fault[]>>;

const transport: Groups = {
  "The connection": connections,
  "The HTTP of a reply": framing,
  "The body of a reply": bodies,
};

/** The faults that an API meets: those of its own wire format among them. */
export const groupsOf: Readonly<Record<Api["id"], Groups>> = {
  "ovh-ai": {
    ...transport,
    "A token in a reply": tokens,
    "A list and its pages": lists,
    "Statuses, redirects and clocks": statuses,
  },
  "ovh-cloud": {
    ...transport,
    "A token in a reply": tokens,
    "Statuses, redirects and clocks": statuses,
  },
  "ovh-serving": {
    ...transport,
    "A token in a reply": servingTokens,
    "Statuses, redirects and clocks": statuses,
  },
  osmo: {
    ...transport,
    "A token in a reply": osmoTokens,
    "Statuses, redirects and clocks": statuses,
  },
};

/** Where a bare list has no pages, and a 404 may mean the project or the namespace. */
const publicApi: Readonly<Record<string, Ends>> = {
  "an empty list": { list: 0 },
  "404": { list: 3, create: 3 },
  "410": { list: 3, create: 3 },
};

const signInPage: Ends = { list: 4, get: 4, create: 4, delete: 4 };

/** How an API ends otherwise than the regional one, by the name of the fault. */
const others: Readonly<Record<Api["id"], Readonly<Record<string, Ends>>>> = {
  "ovh-ai": {},
  "ovh-cloud": publicApi,
  // A token has no version there, by which a lost renewal could be told from one that never was.
  "ovh-serving": { ...publicApi, "reset once, then all is well": { renew: 10 } },
  osmo: {
    // It may exist by then: the last of the requests that make it again is lost.
    "reset after the work, and nothing but that from then on": { renew: 10 },
    "a text": { create: 0, renew: 0 },
    "an empty list": { list: 0, get: 3 },
    // A proxy in front of the service answers so to a credential that it does not accept.
    "302 to another host": signInPage,
    "302 to itself": signInPage,
    "302 to nowhere": signInPage,
    "302 to javascript:": signInPage,
    "303: see what became of it": { list: 4, get: 4 },
    // One token is looked up in the list.
    "404": { get: 12, delete: 12 },
    "409": { renew: 6 },
    "410": { get: 12, create: 3 },
  },
};

/** How each command ends that meets the fault at this API. */
export function endsOf({ id }: Api, { name, ends }: Fault): Ends {
  // By then the token is deleted, and how to restore it is told.
  const isGone = id === "osmo" && ends !== unsent && ends.renew;
  return { ...ends, ...(isGone && { renew: 9 }), ...pick(others[id]?.[name] ?? {}, ends) };
}

const pick = (from: Ends, like: Ends): Ends =>
  Object.fromEntries(Object.entries(from).filter(([operation]) => operation in like));
