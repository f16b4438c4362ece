import { type ErrorHandler, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { requestId } from "hono/request-id";
import type { SandboxApi, SandboxRuntime } from "./api.ts";
import { ConnectionDroppedError, injectFailures } from "./failures.ts";
import { answerProblem } from "./http.ts";
import { createLogins, createOAuthClients, type Logins } from "./logins.ts";
import { createAuthorizationServer } from "./oauth2/index.ts";
import { createOsmo } from "./osmo/index.ts";
import { createOvhAi } from "./ovh-ai/index.ts";
import { defaultSeeds, type ResourceSeed } from "./ovh-ai/resources/resources.ts";
import { createOvhAccount } from "./ovh-cloud/account.ts";
import { answerOvhError } from "./ovh-cloud/authentication.ts";
import { createOvhCloud } from "./ovh-cloud/index.ts";
import { createOvhServing } from "./ovh-serving/index.ts";
import type { SandboxSettings } from "./settings.ts";

/** Path prefix of the OVHcloud public API. Its errors have a `class`. */
const publicApi = "/1.0/";

/** Path prefix of OSMO. Its gateway responds to errors in plain text. */
const osmoApi = "/api/";

const maxBodyBytes = 64 * 1024;

/** The emulated APIs in one HTTP application. `listen` serves it; tests call it in process. */
export interface Sandbox {
  readonly apis: readonly SandboxApi[];
  /** Accounts to sign in with, in addition to the bootstrap credentials of the APIs. */
  readonly logins: Logins;
  /** Responds to a request. @throws ConnectionDroppedError for an injected failure. */
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly request: (url: string, init?: RequestInit) => Promise<Response>;
}

/**
 * Creates a sandbox with new state. Errors outside the routes of an API, and errors that an API
 * does not format, have the body `{"message"}`.
 * @param seeds the apps, jobs and notebooks that exist at the start.
 */
export function createSandbox(
  outside: SandboxRuntime,
  settings: SandboxSettings = {},
  seeds: readonly ResourceSeed[] = defaultSeeds,
): Sandbox {
  const { failures = [], failSeed = 1, tokens } = settings;
  const runtime = { ...outside, now: createClock(outside.now, settings.now) };
  const oauthLogins = createLogins(runtime.randomBytes);
  const authorization = createAuthorizationServer(runtime, createOAuthClients(oauthLogins));
  const account = createOvhAccount(runtime, {
    verifyBearer: (token) =>
      authorization.verify(token)?.clientId === oauthLogins["ovh-cloud"].clientId,
  });
  const logins: Logins = {
    ...oauthLogins,
    "ovh-cloud": { ...oauthLogins["ovh-cloud"], ...account.credentials },
  };
  const cloud = createOvhCloud(runtime, account, tokens);
  const ai = createOvhAi(runtime, authorization, cloud.specByDigest, seeds, tokens);
  const apis: readonly SandboxApi[] = [
    ai,
    createOsmo(runtime, {
      strict: settings.osmoStrict ?? false,
      gateway: settings.osmoGateway ?? false,
      maxDays: settings.osmoMaxLifetime,
      generatedTokens: tokens,
      provider: authorization,
    }),
    cloud,
    createOvhServing(runtime, account, tokens),
  ];
  const app = new Hono();
  app.use(requestId());
  app.use(async ({ header }, next) => {
    await next();
    header("date", runtime.now().toUTCString());
  });
  app.use(injectFailures(runtime, failures, failSeed));
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: () => {
        throw new HTTPException(413, { message: `the body is larger than ${maxBodyBytes} bytes` });
      },
    }),
  );
  app.use(ai.gateway);
  for (const { routes } of [authorization, account, ...apis]) app.route("/", routes);
  const respond: ErrorHandler = (error, c) => {
    if (error instanceof ConnectionDroppedError) throw error;
    if (c.req.path.startsWith(publicApi)) return answerOvhError(error, c);
    if (c.req.path.startsWith(osmoApi) && error instanceof HTTPException)
      return c.text(error.message, error.status);
    return answerProblem(error, c);
  };
  app.notFound((c) => respond(new HTTPException(404, { message: "no such path" }), c));
  app.onError(respond);
  return {
    apis,
    logins,
    fetch: (request) => app.fetch(request),
    request: async (url, init) => app.request(url, init),
  };
}

/** Returns a clock that starts at a time and advances with the clock of the machine. */
function createClock(now: () => Date, start: Date | undefined): () => Date {
  if (start === undefined) return now;
  const offsetMs = start.getTime() - now().getTime();
  return () => new Date(now().getTime() + offsetMs);
}
