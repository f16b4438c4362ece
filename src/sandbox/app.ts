import { type ErrorHandler, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { requestId } from "hono/request-id";
import type { SandboxApi, SandboxRuntime } from "./api.ts";
import { answerProblem } from "./http.ts";
import { createClients, createLogins, type Logins } from "./logins.ts";
import { createAuthorizationServer } from "./oauth2/index.ts";
import { createOsmo } from "./osmo/index.ts";
import { createOvhAi } from "./ovh-ai/index.ts";
import { defaultSeeds, type ResourceSeed } from "./ovh-ai/resources/store.ts";
import { createOvhAccount } from "./ovh-cloud/account.ts";
import { answerOvhError } from "./ovh-cloud/errors.ts";
import { createOvhCloud } from "./ovh-cloud/index.ts";
import { createOvhServing } from "./ovh-serving/index.ts";
import type { SandboxSettings } from "./settings.ts";

/** Where OVHcloud's public API begins, whose errors have a `class`. */
const publicApi = "/1.0/";

const maxBodySize = 64 * 1024;

/** The emulated APIs behind one door: served by `listen`, or called in process by a test. */
export interface Sandbox {
  readonly apis: readonly SandboxApi[];
  /** What there is to log in with, beside the bootstrap credentials of the APIs. */
  readonly logins: Logins;
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly request: (url: string, init?: RequestInit) => Promise<Response>;
}

/**
 * Builds a sandbox with fresh state: what the seeds ask for. What goes wrong outside an API's own
 * routes, or is not put into words by that API, is answered with `{"message"}`.
 */
export function createSandbox(
  runtime: SandboxRuntime,
  settings: SandboxSettings = {},
  seeds: readonly ResourceSeed[] = defaultSeeds,
): Sandbox {
  const people = createLogins(runtime.randomBytes);
  const authorization = createAuthorizationServer(runtime, createClients(people));
  const account = createOvhAccount(runtime, {
    verifyBearer: (token) => authorization.verify(token)?.clientId === people["ovh-cloud"].clientId,
  });
  const logins: Logins = {
    ...people,
    "ovh-cloud": { ...people["ovh-cloud"], ...account.credentials },
  };
  const cloud = createOvhCloud(runtime, account);
  const ai = createOvhAi(runtime, authorization, cloud.specByDigest, seeds);
  const apis: readonly SandboxApi[] = [
    ai,
    createOsmo(runtime, {
      strict: settings.osmoStrict ?? false,
      gateway: settings.osmoGateway ?? false,
      maxDays: settings.osmoMaxLifetime,
      provider: authorization,
    }),
    cloud,
    createOvhServing(runtime, account),
  ];
  const app = new Hono();
  app.use(requestId());
  app.use(async ({ header }, next) => {
    await next();
    header("date", runtime.now().toUTCString());
  });
  app.use(
    bodyLimit({
      maxSize: maxBodySize,
      onError: () => {
        throw new HTTPException(413, { message: `the body is larger than ${maxBodySize} bytes` });
      },
    }),
  );
  app.use(ai.gateway);
  for (const { routes } of [authorization, account, ...apis]) app.route("/", routes);
  const answer: ErrorHandler = (error, c) =>
    c.req.path.startsWith(publicApi) ? answerOvhError(error, c) : answerProblem(error, c);
  app.notFound((c) => answer(new HTTPException(404, { message: "no such path" }), c));
  app.onError(answer);
  return {
    apis,
    logins,
    fetch: (request) => app.fetch(request),
    request: async (url, init) => app.request(url, init),
  };
}
