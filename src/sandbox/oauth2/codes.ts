import { createHash } from "node:crypto";
import type { SandboxRuntime } from "../api.ts";
import { ExpiringSecrets } from "../store.ts";
import type { RegisteredClient } from "./clients.ts";
import { OAuthErrorResponse, type OAuthParameters, requiredParameter } from "./parameters.ts";
import type { Grant } from "./tokens.ts";

const CODE_LIFETIME_MS = 60_000;

/** A grant, and the values that the client must send to redeem it. */
interface CodeGrant {
  readonly grant: Grant;
  readonly redirectUri: string;
  /** S256 challenge. @see https://www.rfc-editor.org/rfc/rfc7636#section-4.2 */
  readonly challenge: string;
}

/**
 * The authorization codes of one server.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1
 */
export interface AuthorizationCodes {
  issue(codeGrant: CodeGrant): string;
  /**
   * Redeems a code, which becomes invalid even if the request fails.
   * @throws OAuthErrorResponse invalid_grant
   * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2
   * @see https://www.rfc-editor.org/rfc/rfc7636#section-4.6
   */
  redeem(client: RegisteredClient, parameters: OAuthParameters): Grant;
}

/** Returns the authorization codes of a server, initially none. */
export function createAuthorizationCodes(runtime: SandboxRuntime): AuthorizationCodes {
  const codes = new ExpiringSecrets<CodeGrant>(runtime);

  return {
    issue: (codeGrant) => codes.issue(codeGrant, CODE_LIFETIME_MS),

    redeem(client, parameters) {
      const code = requiredParameter(parameters, "code");
      const redirectUri = requiredParameter(parameters, "redirect_uri");
      const verifier = requiredParameter(parameters, "code_verifier");
      const issued = codes.get(code);
      codes.delete(code);
      if (issued?.grant.client !== client) {
        throw new OAuthErrorResponse("invalid_grant", "the code is not valid for this client");
      }
      if (issued.redirectUri !== redirectUri) {
        throw new OAuthErrorResponse(
          "invalid_grant",
          "redirect_uri does not match the authorization request",
        );
      }
      if (!/^[\w.~-]{43,128}$/.test(verifier) || issued.challenge !== challengeOf(verifier)) {
        throw new OAuthErrorResponse(
          "invalid_grant",
          "code_verifier does not match code_challenge",
        );
      }
      return issued.grant;
    },
  };
}

const challengeOf = (verifier: string) => createHash("sha256").update(verifier).digest("base64url");
