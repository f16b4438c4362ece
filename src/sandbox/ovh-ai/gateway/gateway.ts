import { type Context, Hono, type MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { HTTPException } from "hono/http-exception";
import type { Surroundings } from "../../api.ts";
import { bearerCredential } from "../../bearer.ts";
import { ExpiringSecrets } from "../../expiring-secrets.ts";
import { answerMessage } from "../../pages.ts";
import { answerProblem } from "../../problem.ts";
import { digest } from "../../store.ts";
import { type Caller, type Callers, scopeOf } from "../access.ts";
import { covers, type Resource, RUNNING } from "../resources/resource.ts";
import type { Resources } from "../resources/resources.ts";
import { type Address, parseAddress } from "./address.ts";
import { answerLoginPage, LOGIN_PATH } from "./login-page.ts";

const COOKIE = "session";
const SESSION_MS = 12 * 60 * 60 * 1000;

/** That somebody logged in to a resource. What the token is still worth is looked up each time. */
interface Session {
  readonly resourceId: string;
  readonly tokenDigest: string;
}

/** A request to a resource: what its host says is known. */
type Call = Context<{ Bindings: Address }>;

/**
 * Serves what runs. A request to the host of a resource is one to that resource, whatever its path,
 * and gets in if its token opens the resource, as things are at that moment. Other hosts are passed on.
 */
export function createGateway(
  surroundings: Surroundings,
  resources: Resources,
  callers: Callers,
): MiddlewareHandler {
  const sessions = new ExpiringSecrets<Session>(surroundings);

  function find({ env: { kind, id } }: Call): Resource {
    const resource = resources.get(kind, id);
    if (!resource) throw new HTTPException(404, { message: `There is no such ${kind}.` });
    return resource;
  }

  function callerOf(c: Call): Caller | undefined {
    const credential = bearerCredential(c);
    if (credential !== undefined) return callers.withCredential(credential);
    const session = sessions.get(getCookie(c, COOKIE) ?? "");
    return session?.resourceId === c.env.id
      ? callers.withTokenDigest(session.tokenDigest)
      : undefined;
  }

  const routes = new Hono<{ Bindings: Address }>();

  routes.post(LOGIN_PATH, async (c) => {
    refuseOtherPages(c);
    const token = new URLSearchParams(await c.req.text()).get("token") ?? "";
    const tokenDigest = digest(token.trim());
    requireAccess(callers.withTokenDigest(tokenDigest), find(c));
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
    const address = parseAddress(c.req.url);
    return address ? routes.fetch(c.req.raw, address) : next();
  };
}

function requireAccess(caller: Caller | undefined, resource: Resource): void {
  const { kind } = resource;
  if (!caller) throw new HTTPException(401, { message: `This ${kind} needs a valid token.` });
  if (!covers(scopeOf(caller), resource)) {
    throw new HTTPException(403, { message: `The token does not open this ${kind}.` });
  }
}

/** Only one port is served; another than that can be asked for. */
function requireListening({ kind, state, spec }: Resource, port = spec.defaultHttpPort): void {
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
