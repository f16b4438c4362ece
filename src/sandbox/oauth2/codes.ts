import { createHash } from "node:crypto";
import type { SandboxRuntime } from "../api.ts";
import { ExpiringSecrets } from "../store.ts";
import type { RegisteredClient } from "./clients.ts";
import { OAuthErrorResponse, type OAuthParameters, requiredParameter } from "./parameters.ts";
import type { Grant } from "./tokens.ts";

const LIFETIME_SECONDS = 60;

/** A grant on its way to its client, and what that must show to get it. */
export interface CodeGrant {
  readonly grant: Grant;
  readonly redirectUri: string;
  /** The S256 challenge of RFC 7636 §4.2. */
  readonly challenge: string;
}

/** The authorization codes of one server (RFC 6749 §4.1). */
export interface AuthorizationCodes {
  issue(codeGrant: CodeGrant): string;
  /** Redeems a code: whatever comes of it, the code is dead (RFC 6749 §4.1.2, RFC 7636 §4.6). */
  redeem(client: RegisteredClient, parameters: OAuthParameters): Grant;
}

export function createAuthorizationCodes(runtime: SandboxRuntime): AuthorizationCodes {
  const codes = new ExpiringSecrets<CodeGrant>(runtime);

  return {
    issue: (codeGrant) => codes.issue(codeGrant, LIFETIME_SECONDS * 1000),

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
          "redirect_uri is not the one the code went to",
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
