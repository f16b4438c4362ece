import { Hono, type MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { toHex } from "../../core/text.ts";
import type { SandboxRuntime } from "../api.ts";
import { createSecret, digest } from "../generate.ts";
import { refuseOtherMethods } from "../http.ts";
import { ovhAuthRoutes, ovhValidationRoutes } from "./auth-routes.ts";
import {
  answerOvhError,
  authenticateOvhCloud,
  createSignatureVerifier,
  type OvhApplication,
} from "./authentication.ts";
import { createConsumerKeys } from "./consumer-keys.ts";

/** Credentials of the account: an application with a validated consumer key, and a bearer token. */
export interface OvhCredentials extends OvhApplication {
  readonly consumerKey: string;
  readonly bearerToken: string;
}

/** An OVHcloud account, shared by the APIs below `/1.0`. */
export interface OvhAccount {
  /** The ID of the only project. */
  readonly project: string;
  /** Bootstrap credentials, which allow every call. */
  readonly credentials: OvhCredentials;
  /**
   * The endpoints under `/1.0/auth` and the headers of all responses below `/1.0`. Add them before
   * the APIs.
   */
  readonly routes: Hono;
  /**
   * Middleware for paths with a `:project`: authenticates the caller and checks that the project
   * exists.
   */
  readonly guard: MiddlewareHandler;
}

/**
 * Returns an account with one project and one application.
 * @param options.verifyBearer Returns whether an access token of the OAuth server is valid.
 */
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
        if (c.req.param("project") !== project)
          throw new HTTPException(404, { message: "This service does not exist" });
        await next();
      }),
  };
}
