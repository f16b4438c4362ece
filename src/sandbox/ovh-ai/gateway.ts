import { type Context, Hono, type MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import { HTTPException } from "hono/http-exception";
import type { SandboxRuntime } from "../api.ts";
import { answerProblem, bearerCredential } from "../http.ts";
import { answerMessage, answerPage } from "../pages.ts";
import { digest, ExpiringSecrets } from "../store.ts";
import { type CallerLookup, type OvhAiCaller, requiredTraits } from "./access.ts";
import {
  type OvhAiResource,
  type OvhAiResourceKind,
  ovhAiResourceKinds,
  RUNNING,
  scopeIncludes,
} from "./resources/resource.ts";
import type { OvhAiResources } from "./resources/store.ts";

/** What the host of a request says: `ID.app.localhost`, or `ID-PORT.app.localhost`. */
export interface ResourceAddress {
  readonly kind: OvhAiResourceKind;
  readonly id: string;
  readonly port: number | undefined;
}

const host = new RegExp(`^(.+?)(?:-(\\d{1,5}))?\\.(${ovhAiResourceKinds.join("|")})\\.localhost$`);

/** The resource that a URL leads to; undefined if it leads to none. */
export function parseResourceAddress(url: string): ResourceAddress | undefined {
  const [, id, port, suffix] = host.exec(new URL(url).hostname) ?? [];
  const kind = ovhAiResourceKinds.find((each) => each === suffix);
  return id === undefined || kind === undefined
    ? undefined
    : { kind, id, port: port === undefined ? undefined : Number(port) };
}

/** Where a resource is served, by the address at which the sandbox was called. */
export function formatResourceUrl({ id, kind }: OvhAiResource, sandbox: string): string {
  const { protocol, port } = new URL(sandbox);
  return `${protocol}//${id}.${kind}.localhost${port && `:${port}`}/`;
}

/** Where the page posts a token to: the one path that is not the resource's own. */
export const LOGIN_PATH = "/.ovh/login";

/** What a browser gets that may not see a resource. Somebody who tried a token may try another at once. */
export function answerLoginPage(c: Context, problem: string, status: 401 | 403) {
  const open = c.req.method === "POST" ? "open" : "";
  const content = html`<p role="alert">${problem}</p>
<details ${open}>
<summary>Login with token</summary>
<form method="post" action="${LOGIN_PATH}">
<p>
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="off" required>
</p>
<p>
<button>Connect</button>
</p>
</form>
</details>
<p>Login with user/password is not part of the sandbox.</p>`;
  return answerPage(c, "Login", content, status);
}

const COOKIE = "session";
const SESSION_MS = 12 * 60 * 60 * 1000;

/** That somebody logged in to a resource. What the token is still worth is looked up each time. */
interface Session {
  readonly resourceId: string;
  readonly tokenDigest: string;
}

/** A request to a resource: what its host says is known. */
type Call = Context<{ Bindings: ResourceAddress }>;

/**
 * Serves what runs. A request to the host of a resource is one to that resource, whatever its path,
 * and gets in if its token opens the resource, as things are at that moment. Other hosts are passed on.
 */
export function createGateway(
  runtime: SandboxRuntime,
  resources: OvhAiResources,
  callers: CallerLookup,
): MiddlewareHandler {
  const sessions = new ExpiringSecrets<Session>(runtime);

  function find({ env: { kind, id } }: Call): OvhAiResource {
    const resource = resources.get(kind, id);
    if (!resource) throw new HTTPException(404, { message: `There is no such ${kind}.` });
    return resource;
  }

  function callerOf(c: Call): OvhAiCaller | undefined {
    const credential = bearerCredential(c);
    if (credential !== undefined) return callers.findByCredential(credential);
    const session = sessions.get(getCookie(c, COOKIE) ?? "");
    return session?.resourceId === c.env.id
      ? callers.findByTokenDigest(session.tokenDigest)
      : undefined;
  }

  const routes = new Hono<{ Bindings: ResourceAddress }>();

  routes.post(LOGIN_PATH, async (c) => {
    refuseOtherPages(c);
    const token = new URLSearchParams(await c.req.text()).get("token") ?? "";
    const tokenDigest = digest(token.trim());
    requireAccess(callers.findByTokenDigest(tokenDigest), find(c));
    const session = sessions.issue({ resourceId: c.env.id, tokenDigest }, SESSION_MS);
    setCookie(c, COOKIE, session, { httpOnly: true, sameSite: "Lax" });
    return c.redirect("/", 303);
  });

  routes.all("*", (c) => {
    const resource = find(c);
    if (!resource.spec.unsecureHttp) requireAccess(callerOf(c), resource);
    requireListening(resource, c.env.port);
    return c.text("Hello, World!");
  });

  routes.onError((error, c) => {
    if (!(error instanceof HTTPException)) return answerProblem(error, c);
    const { status, message } = error;
    if (status === 401) c.header("WWW-Authenticate", "Bearer");
    if (!c.req.header("Accept")?.includes("text/html")) return answerProblem(error, c);
    return status === 401 || status === 403
      ? answerLoginPage(c, message, status)
      : answerMessage(c, "Not here", message, status);
  });

  return async (c, next) => {
    const address = parseResourceAddress(c.req.url);
    return address ? routes.fetch(c.req.raw, address) : next();
  };
}

function requireAccess(caller: OvhAiCaller | undefined, resource: OvhAiResource): void {
  const { kind } = resource;
  if (!caller) throw new HTTPException(401, { message: `This ${kind} needs a valid token.` });
  if (!scopeIncludes(requiredTraits(caller), resource)) {
    throw new HTTPException(403, { message: `The token does not open this ${kind}.` });
  }
}

/** Only one port is served; another than that can be asked for. */
function requireListening({ kind, state, spec }: OvhAiResource, port = spec.defaultHttpPort): void {
  if (state !== RUNNING) {
    throw new HTTPException(503, { message: `This ${kind} is not running: it is ${state}.` });
  }
  if (port !== spec.defaultHttpPort) {
    throw new HTTPException(503, { message: `Nothing listens on port ${port} of this ${kind}.` });
  }
}

/** Another page must not log somebody in with a token of its own. Only browsers have pages. */
function refuseOtherPages(c: Call): void {
  if ((c.req.header("Sec-Fetch-Site") ?? "same-origin") !== "same-origin") {
    throw new HTTPException(403, { message: "This form was sent by another page." });
  }
}
