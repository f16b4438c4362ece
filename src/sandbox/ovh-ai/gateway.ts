import { type Context, Hono, type MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import { HTTPException } from "hono/http-exception";
import type { SandboxRuntime } from "../api.ts";
import { digest } from "../generate.ts";
import { answerProblem, bearerCredential } from "../http.ts";
import { answerMessage, answerPage } from "../pages.ts";
import { ExpiringSecrets } from "../store.ts";
import { type CallerLookup, type OvhAiCaller, requiredTraits } from "./access.ts";
import {
  type OvhAiResource,
  parseResourceAddress,
  type ResourceAddress,
  runningState,
  scopeIncludes,
} from "./resources/resource.ts";
import type { OvhAiResources } from "./resources/resources.ts";

/** Path of the login form. All other paths belong to the resource. */
const loginPath = "/.ovh/login";

const cookieName = "session";
const sessionMs = 12 * 60 * 60 * 1000;

/** A login to a resource. Each request checks whether the token is still valid. */
interface Session {
  readonly resourceId: string;
  readonly tokenDigest: string;
}

/** A request with the resource address in its hostname. */
type Call = Context<{ Bindings: ResourceAddress }>;

/**
 * Serves requests to the hostname of a resource, on every path. The token must give access to the
 * resource at the time of the request. Requests to other hostnames go to the next handler.
 * @see https://help.ovhcloud.com/csm/en-public-cloud-ai-deploy-tokens?id=kb_article_view&sysparm_article=KB0047990
 */
export function createGateway(
  runtime: SandboxRuntime,
  resources: OvhAiResources,
  callers: CallerLookup,
): MiddlewareHandler {
  const sessions = new ExpiringSecrets<Session>(runtime);

  function find({ env: { kind, id } }: Call): OvhAiResource {
    const resource = resources.get(kind, id);
    if (!resource) throw new HTTPException(404, { message: `This ${kind} does not exist.` });
    return resource;
  }

  function callerOf(c: Call): OvhAiCaller | undefined {
    const credential = bearerCredential(c);
    if (credential !== undefined) return callers.findByCredential(credential);
    const session = sessions.get(getCookie(c, cookieName) ?? "");
    return session?.resourceId === c.env.id
      ? callers.findByTokenDigest(session.tokenDigest)
      : undefined;
  }

  const routes = new Hono<{ Bindings: ResourceAddress }>();

  routes.post(loginPath, async (c) => {
    requireSameOrigin(c);
    const token = new URLSearchParams(await c.req.text()).get("token") ?? "";
    const tokenDigest = digest(token.trim());
    requireAccess(callers.findByTokenDigest(tokenDigest), find(c));
    const session = sessions.issue({ resourceId: c.env.id, tokenDigest }, sessionMs);
    setCookie(c, cookieName, session, { httpOnly: true, sameSite: "Lax" });
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
      : answerMessage(c, "Unavailable", message, status);
  });

  return async (c, next) => {
    const address = parseResourceAddress(c.req.url);
    return address ? routes.fetch(c.req.raw, address) : next();
  };
}

function requireAccess(caller: OvhAiCaller | undefined, resource: OvhAiResource): void {
  const { kind } = resource;
  if (!caller) throw new HTTPException(401, { message: `This ${kind} needs a valid token.` });
  if (!scopeIncludes(requiredTraits(caller), resource))
    throw new HTTPException(403, { message: `The token does not give access to this ${kind}.` });
}

/**
 * Rejects requests to a resource that is not running, and to any port except its default HTTP port.
 */
function requireListening({ kind, state, spec }: OvhAiResource, port = spec.defaultHttpPort): void {
  if (state !== runningState)
    throw new HTTPException(503, { message: `This ${kind} is not running: it is ${state}.` });
  if (port !== spec.defaultHttpPort)
    throw new HTTPException(503, { message: `Nothing listens on port ${port} of this ${kind}.` });
}

/** Rejects forms of other sites (login CSRF). Clients without `Sec-Fetch-Site` are not browsers. */
function requireSameOrigin(c: Call): void {
  if ((c.req.header("Sec-Fetch-Site") ?? "same-origin") !== "same-origin")
    throw new HTTPException(403, { message: "This form was submitted from another site." });
}

/**
 * Responds with the login page. The form is open after a failed login, so that the user can try
 * another token.
 */
function answerLoginPage(c: Context, problem: string, status: 401 | 403) {
  const open = c.req.method === "POST" ? "open" : "";
  const content = html`<p role="alert">${problem}</p>
<details ${open}>
<summary>Login with token</summary>
<form method="post" action="${loginPath}">
<p>
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="off" required>
</p>
<p>
<button>Connect</button>
</p>
</form>
</details>
<p>The sandbox does not support login with user and password.</p>`;
  return answerPage(c, "Login", content, status);
}
