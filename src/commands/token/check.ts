import { Option } from "@commander-js/extra-typings";
import { action, type Define, type Example } from "../../cli/command.ts";
import { requireTokenCredential } from "../../core/credential.ts";
import {
  type Identity,
  type Provider,
  requireSupport,
  type TokenProvider,
} from "../../core/provider.ts";
import type { Secret } from "../../core/secret.ts";
import type { Token } from "../../core/token.ts";
import { validateSecret } from "../../core/validation.ts";
import { CliError, InterruptedError, UnauthenticatedError, UsageError } from "../../errors.ts";
import { type Field, show, type View } from "../../output/view.ts";
import type { Session } from "../../session/session.ts";

/** What is known of a token by its secret. What the API does not say is null. */
interface TokenCheck {
  readonly valid: boolean;
  readonly kind: string | null;
  readonly id: string | null;
  readonly name: string | null;
  /** The user whose token it is. */
  readonly owner: string | null;
  readonly roles: readonly string[];
  readonly project: string | null;
  readonly expiresAt: string | null;
  /** Its label selector is null if everything lies in its scope. */
  readonly scope: { readonly labelSelector: string | null } | null;
}

const invalidToken: TokenCheck = {
  valid: false,
  kind: null,
  id: null,
  name: null,
  owner: null,
  roles: [],
  project: null,
  expiresAt: null,
  scope: null,
};

/** How a token was received at an address: null, but for the address, if there was no answer. */
interface EndpointCheck {
  readonly url: string;
  readonly status: number | null;
  /** Null if the status does not tell: the answer may come from behind the door. */
  readonly letsIn: boolean | null;
  readonly milliseconds: number | null;
}

type Checked = TokenCheck & { readonly at: EndpointCheck | null };

const blocks = {
  kind: "blocks",
  fields: [
    { key: "Valid", value: ({ valid }) => (valid ? "yes" : "no") },
    { key: "Kind", value: ({ kind }) => kind },
    { key: "ID", value: ({ id, name }) => (id === name ? null : id) },
    { key: "Name", value: ({ name }) => name },
    { key: "Owner", value: ({ owner }) => owner },
    { key: "Role", value: ({ roles }) => roles.join(", ") },
    { key: "Project", value: ({ project }) => project },
    { key: "Expires at", value: ({ expiresAt }) => expiresAt, kind: "time" },
    { key: "Scope", value: (checked) => (checked.valid ? formatScope(checked) : null) },
    { key: "Address", value: ({ at }) => at?.url ?? null },
    { key: "Lets it in", value: ({ at }) => at && formatVisit(at) },
  ] satisfies readonly Field<Checked>[],
} as const;

const checkedView: View<Checked> = {
  text: blocks,
  description: blocks,
  quietValue: ({ valid }) => (valid ? "valid" : "invalid"),
};

export const examples: readonly Example[] = [
  { line: "tokctl token check --app-token-file - < token.txt", title: "Check a token from a file" },
  {
    line: "tokctl token check --app-token-file - --at https://ID.app.gra.ai.cloud.ovh.net < token.txt",
    title: "Also test access to an app",
  },
];

export const seeAlso = ["whoami", "token get"];

export const define: Define = (command, invocation) =>
  command
    .addOption(new Option("--at <url>", "Also test access to this URL; the token is sent to it"))
    .action(
      action(invocation, async (session, { at }) => {
        const provider = session.provider();
        requireSupport(provider, "checks");
        const address = at === undefined ? undefined : await session.parseAddress(at, "--at");
        const token = await readToken(session);
        validateSecret(provider, token);
        const failures: CliError[] = [];
        const tokens = await session.reconnect({ as: { kind: "token", token } });
        const worth = await examine(provider, tokens).catch((error: unknown) => {
          if (!(error instanceof CliError) || error.code !== "unauthenticated")
            throw error instanceof CliError && error.code === "forbidden" ? untold(error) : error;
          failures.push(refusalOf(error));
          return invalidToken;
        });
        const bearer = worth.valid || !tokens.bearer ? await bearerOf(tokens, token) : undefined;
        const visit = address && bearer && (await visitWith(session, address, bearer, failures));
        return show({ ...worth, at: visit ?? null }, checkedView, { failure: failures[0] });
      }),
    );

/** The token to look at. The one in use is what `whoami` is for. */
async function readToken(session: Session): Promise<Secret> {
  const typed = await session.typedCredential();
  if (typed) return requireTokenCredential(typed);
  if (!session.interactive)
    throw new UsageError("There is no token to check, and nobody to ask for it.", {
      hint: "Pass it with --app-token-file PATH (- is stdin). For the credential in use there is tokctl whoami.",
    });
  return session.askToken("The token to check");
}

async function examine(provider: Provider, tokens: TokenProvider): Promise<TokenCheck> {
  const identity = await tokens.whoami();
  const { kind, owner, tokenName: name, roles, project, expiresAt } = identity;
  const { serverIds, labels } = provider.supports;
  const listed = serverIds ? await namesakes(tokens, name) : [];
  const [first] = listed;
  const isOneScope = listed.every((each) => each.labelSelector === first?.labelSelector);
  return {
    valid: true,
    kind,
    id: serverIds ? (listed.length === 1 && first ? first.id : null) : name,
    name,
    owner,
    roles,
    project,
    expiresAt,
    scope: labels && first && isOneScope ? { labelSelector: first.labelSelector } : null,
  };
}

/** The tokens of that name; none if the token may not list tokens. */
async function namesakes(
  tokens: TokenProvider,
  tokenName: Identity["tokenName"],
): Promise<readonly Token[]> {
  try {
    const all = tokenName === null ? [] : await tokens.list(undefined);
    return all.filter(({ name }) => name === tokenName);
  } catch (error) {
    if (!(error instanceof CliError) || error instanceof InterruptedError) throw error;
    return [];
  }
}

/** What is sent as Bearer: some APIs take a token only in exchange for another. */
const bearerOf = async (tokens: TokenProvider, token: Secret): Promise<Secret> =>
  (await tokens.bearer?.()) ?? token;

/** The server does not describe the token: `whoami` would describe another credential. */
const untold = ({ message, requestId }: CliError) =>
  new CliError("forbidden", `The server does not describe this token: ${message}`, {
    hint: "Its role may not allow that: tokctl token list shows the roles of the tokens you can see.",
    requestId,
  });

const refusalOf = ({ message, requestId }: CliError) =>
  new UnauthenticatedError(`The token is not valid: ${message}`, {
    hint: "It may be mistyped, renewed, deleted, or made for another region or server.",
    requestId,
  });

/** Takes the token to an address. That there is no answer is kept with the failures. */
async function visitWith(
  session: Session,
  address: URL,
  token: Secret,
  failures: CliError[],
): Promise<EndpointCheck> {
  const url = address.href;
  try {
    const { status, milliseconds } = await session.probe(address, token);
    return { url, status, letsIn: letsIn(status), milliseconds };
  } catch (error) {
    if (!(error instanceof CliError) || error instanceof InterruptedError) throw error;
    failures.push(error);
    return { url, status: null, letsIn: null, milliseconds: null };
  }
}

/** Whoever is not let in is refused, or sent on to a login page. */
function letsIn(status: number): boolean | null {
  if (status >= 200 && status < 300) return true;
  return status === 401 || status === 403 || (status >= 300 && status < 400) ? false : null;
}

const formatScope = ({ scope }: TokenCheck): string =>
  scope === null ? "not told by the API" : (scope.labelSelector ?? "everything of the project");

function formatVisit({ letsIn, status, milliseconds }: EndpointCheck): string {
  if (status === null) return "no answer";
  const verdict = letsIn === null ? "it can't be told" : letsIn ? "yes" : "no";
  return `${verdict} (${status} after ${milliseconds} ms)`;
}
