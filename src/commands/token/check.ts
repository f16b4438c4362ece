import { Option } from "@commander-js/extra-typings";
import { action, type Define, type Example } from "../../cli/command.ts";
import { requireTokenCredential } from "../../core/credential.ts";
import type { Identity } from "../../core/identity.ts";
import { type Provider, requireSupport } from "../../core/provider.ts";
import type { Secret } from "../../core/secret.ts";
import type { ExpiryEnforcement, Token } from "../../core/token.ts";
import type { TokenProvider } from "../../core/token-provider.ts";
import { validateSecret } from "../../core/validation.ts";
import { CliError, InterruptedError, UnauthenticatedError, UsageError } from "../../errors.ts";
import { type Field, show, type View } from "../../output/view.ts";
import type { Session } from "../../session/session.ts";
import { expiryFields } from "../shared/expiry-fields.ts";

/** The properties of a token that its secret gives access to; null where the API has none. */
interface TokenCheck {
  readonly valid: boolean;
  readonly kind: string | null;
  readonly id: string | null;
  readonly name: string | null;
  /** The user who owns the token. */
  readonly owner: string | null;
  readonly roles: readonly string[];
  readonly project: string | null;
  readonly expiresAt: string | null;
  readonly expiryEnforcedBy: ExpiryEnforcement | null;
  /** Null if unknown. Without a label selector, the token can access all resources. */
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
  expiryEnforcedBy: null,
  scope: null,
};

/**
 * The response of an endpoint to a request with the token. Without a response, all properties
 * except the URL are null.
 */
interface EndpointCheck {
  readonly url: string;
  readonly status: number | null;
  /** Whether the endpoint accepts the token; null if the status doesn't show that. */
  readonly letsIn: boolean | null;
  readonly milliseconds: number | null;
}

type CheckResult = TokenCheck & { readonly at: EndpointCheck | null };

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
    ...expiryFields<CheckResult>(),
    { key: "Scope", value: (result) => (result.valid ? formatScope(result) : null) },
    { key: "URL", value: ({ at }) => at?.url ?? null },
    { key: "Access", value: ({ at }) => at && formatEndpoint(at) },
  ] satisfies readonly Field<CheckResult>[],
} as const;

const resultView: View<CheckResult> = {
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
        requireSupport(provider, { capability: "tokenChecks" });
        const endpoint = at === undefined ? undefined : await session.parseProbeUrl(at, "--at");
        const token = await readToken(session);
        validateSecret(provider, token);
        const tokens = await session.reconnect({ credential: { kind: "token", token } });
        const checked = await checkToken(provider, tokens);
        const probed = endpoint && (await checkEndpoint(session, endpoint, token, tokens, checked));
        const result = { ...checked.result, at: probed?.result ?? null };
        return show(result, resultView, { failure: checked.error ?? probed?.error });
      }),
    );

/** A result, and the error that it reports. */
interface Checked<T> {
  readonly result: T;
  readonly error?: CliError;
}

/** Reads the token from the command line, or asks for it. The credential in use is not checked. */
async function readToken(session: Session): Promise<Secret> {
  const typed = await session.readCredentialOption();
  if (typed) return requireTokenCredential(typed);
  if (!session.prompter.interactive)
    throw new UsageError("Missing token to check.", {
      hint: [
        "Pass a token: --app-token-file PATH (- is stdin)",
        "To check the credential in use: tokctl whoami",
      ],
    });
  return session.prompter.askSecret("Token to check", { isToken: true });
}

/** Checks the token. @throws CliError for any failure except a rejected token. */
async function checkToken(provider: Provider, tokens: TokenProvider): Promise<Checked<TokenCheck>> {
  try {
    return { result: await describeSecret(provider, tokens) };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (error.code === "forbidden") throw toForbiddenError(error);
    if (error.code !== "unauthenticated") throw error;
    return { result: invalidToken, error: toInvalidTokenError(error) };
  }
}

async function describeSecret(provider: Provider, tokens: TokenProvider): Promise<TokenCheck> {
  const { tokenName: name, ...identity } = await tokens.whoami();
  const { kind, owner, roles, project, expiresAt, expiryEnforcedBy } = identity;
  const { serverIds, labels } = provider.supports;
  // The API returns the name, which several tokens can have: they may differ in ID and scope.
  const listed = serverIds ? await listByName(tokens, name) : [];
  const [first] = listed;
  const isOnlyToken = listed.length === 1;
  const isSameScope = listed.every((each) => each.labelSelector === first?.labelSelector);
  return {
    valid: true,
    kind,
    id: serverIds ? (isOnlyToken && first ? first.id : null) : name,
    name,
    owner,
    roles,
    project,
    expiresAt,
    expiryEnforcedBy,
    scope: labels && first && isSameScope ? { labelSelector: first.labelSelector } : null,
  };
}

/** Lists the tokens of a name; none if the token may not list tokens. */
async function listByName(
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

const toForbiddenError = ({ reason, requestId }: CliError) =>
  new CliError("forbidden", `Cannot read the owner and roles of the token: ${reason}`, {
    hint: "Its role may not allow that. To see the roles of your tokens: tokctl token list",
    requestId,
  });

const toInvalidTokenError = ({ reason, requestId }: CliError) =>
  new UnauthenticatedError(`The token is not valid: ${reason}`, {
    hint: "It may be mistyped, renewed, deleted, or created for another region or server.",
    requestId,
  });

/**
 * Sends the token to an endpoint.
 * @returns undefined for an invalid token, if the endpoint needs a JWT in exchange for it.
 */
async function checkEndpoint(
  session: Session,
  endpoint: URL,
  token: Secret,
  tokens: TokenProvider,
  { result: { valid } }: Checked<TokenCheck>,
): Promise<Checked<EndpointCheck> | undefined> {
  if (!valid && tokens.bearer) return undefined;
  const bearer = (await tokens.bearer?.()) ?? token;
  const url = endpoint.href;
  try {
    const { status, milliseconds } = await session.probe(endpoint, bearer);
    return { result: { url, status, letsIn: isAccepted(status), milliseconds } };
  } catch (error) {
    if (!(error instanceof CliError) || error instanceof InterruptedError) throw error;
    return { result: { url, status: null, letsIn: null, milliseconds: null }, error };
  }
}

/** A redirect counts as rejected, because its target is a login page. */
function isAccepted(status: number): boolean | null {
  if (status >= 200 && status < 300) return true;
  return status === 401 || status === 403 || (status >= 300 && status < 400) ? false : null;
}

const formatScope = ({ scope }: TokenCheck): string =>
  scope === null
    ? "unknown (not reported by the API)"
    : (scope.labelSelector ?? "all resources of the project");

function formatEndpoint({ letsIn, status, milliseconds }: EndpointCheck): string {
  if (status === null) return "no response";
  const verdict = letsIn === null ? "unknown" : letsIn ? "yes" : "no";
  return `${verdict} (${status} after ${milliseconds} ms)`;
}
