import { Hono, type MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { toHex } from "../../core/text.ts";
import type { SandboxRuntime } from "../api.ts";
import { createSecret, digest } from "../store.ts";
import { authenticateOvhCloud, createSignatureVerifier, type OvhApplication } from "./access.ts";
import { createConsumerKeys } from "./consumer-keys.ts";
import { answerOvhError, refuseOtherMethods } from "./errors.ts";
import { ovhAuthRoutes } from "./sign-in.ts";
import { ovhValidationRoutes } from "./validation.ts";

/** What a client needs to signOvhRequest in: an application with a validated consumer key, or the bearer token. */
export interface OvhCredentials extends OvhApplication {
  readonly consumerKey: string;
  readonly bearerToken: string;
}

/** An OVHcloud account: what the APIs below `/1.0` have in common. */
export interface OvhAccount {
  /** The id of its only project. */
  readonly project: string;
  /** The bootstrap credentials, which may make every call. */
  readonly credentials: OvhCredentials;
  /** Everything under `/1.0/auth`, and what holds for all of `/1.0`: to be mounted before the APIs. */
  readonly routes: Hono;
  /** What an API puts before its paths, which have a `:project`: the caller is known and it exists. */
  readonly guard: MiddlewareHandler;
}

/** An account with one project and one application. `verifyBearer` knows access tokens issued elsewhere. */
export function createOvhAccount(
  runtime: SandboxRuntime,
  { verifyBearer = () => false }: { readonly verifyBearer?: (token: string) => boolean } = {},
): OvhAccount {
  const { now, randomBytes } = runtime;
  const hex = (size: number) => toHex(randomBytes(size));
  const project = hex(16);
  const application = { applicationKey: hex(8), applicationSecret: hex(16) };
  const bearerToken = createSecret(randomBytes, 48, "base64url");
  const bearerDigest = digest(bearerToken);
  const consumerKeys = createConsumerKeys(runtime);
  const verifySignature = createSignatureVerifier(now, application, consumerKeys);
  const known = authenticateOvhCloud(
    verifySignature,
    (token) => digest(token) === bearerDigest || verifyBearer(token),
  );

  const routes = new Hono();
  routes.onError(answerOvhError);
  routes.use("/1.0/*", async (c, next) => {
    await next();
    c.header("X-Ovh-QueryID", `EU.ext-${hex(12)}`);
  });
  routes.route("/", ovhAuthRoutes(now, application, consumerKeys, verifySignature));
  routes.route("/", ovhValidationRoutes(consumerKeys));
  refuseOtherMethods(routes);

  return {
    project,
    credentials: { ...application, consumerKey: consumerKeys.createUnrestricted(), bearerToken },
    routes,
    guard: (c, next) =>
      known(c, async () => {
        if (c.req.param("project") !== project) {
          throw new HTTPException(404, { message: "This service does not exist" });
        }
        await next();
      }),
  };
}
