import * as v from "valibot";
import { toHex } from "../../core/text.ts";
import type { SandboxRuntime } from "../api.ts";
import { digest } from "../generate.ts";

/** Path prefix of the API, which access rules omit. */
const base = "/1.0";

const AccessRule = v.strictObject({
  method: v.picklist(["GET", "POST", "PUT", "DELETE"]),
  path: v.pipe(v.string(), v.startsWith("/")),
});

/** A call that a consumer key allows: a method and a path below `/1.0`, which can end in `*`. */
export type AccessRule = v.InferOutput<typeof AccessRule>;

/** Schema of the access rules in a request for a consumer key. */
export const AccessRules = v.pipe(v.array(AccessRule), v.minLength(1));

/** Access rules that allow every call. */
const unrestricted: readonly AccessRule[] = AccessRule.entries.method.options.map((method) => ({
  method,
  path: "/*",
}));

/** Returns whether one of the rules allows the call. */
export function rulesAllow(rules: readonly AccessRule[], method: string, path: string): boolean {
  return rules.some(
    (rule) => rule.method === method && path.startsWith(base) && matchesPath(rule.path, path),
  );
}

function matchesPath(pattern: string, path: string): boolean {
  const below = path.slice(base.length);
  return pattern.endsWith("*") ? below.startsWith(pattern.slice(0, -1)) : below === pattern;
}

/** The user's decision about a request for a consumer key. */
export type ValidationDecision = "validated" | "refused";

/** Status and access rules of a consumer key. */
export interface ConsumerKeyCredential {
  readonly credentialId: number;
  readonly status: "pendingValidation" | ValidationDecision;
  readonly creation: string;
  readonly rules: readonly AccessRule[];
  /** URL that the user is redirected to after the decision. */
  readonly redirection?: string;
  /** Returned with the credential. The sandbox does not check the address of a client. */
  readonly allowedIPs?: readonly string[];
}

/** An application's request for a consumer key. */
export interface CredentialRequest
  extends Pick<ConsumerKeyCredential, "redirection" | "allowedIPs"> {
  readonly accessRules: readonly AccessRule[];
}

/**
 * The consumer keys of one application. Methods return undefined if the key or token is unknown.
 */
export interface ConsumerKeys {
  /** Creates a consumer key in status `pendingValidation`, and the token of its validation page. */
  request(wanted: CredentialRequest): {
    readonly consumerKey: string;
    readonly validationToken: string;
  };
  find(consumerKey: string): ConsumerKeyCredential | undefined;
  /** Returns the request for a validation token until the user has decided. */
  pending(validationToken: string): ConsumerKeyCredential | undefined;
  /** Records the decision and returns the request. */
  decide(validationToken: string, decision: ValidationDecision): ConsumerKeyCredential | undefined;
  revoke(consumerKey: string): void;
  /** Creates a validated consumer key that allows every call. */
  createUnrestricted(): string;
}

/** Returns the consumer keys of an application, initially none. Keys are stored as digests. */
export function createConsumerKeys({ now, randomBytes }: SandboxRuntime): ConsumerKeys {
  const credentials = new Map<string, ConsumerKeyCredential>();
  /** Digests of consumer keys by validation token. */
  const pendingKeys = new Map<string, string>();
  let lastId = 0;

  function create(
    status: ConsumerKeyCredential["status"],
    { accessRules: rules, ...wanted }: CredentialRequest,
  ): string {
    const consumerKey = toHex(randomBytes(16));
    const creation = now().toISOString();
    credentials.set(digest(consumerKey), {
      credentialId: ++lastId,
      status,
      creation,
      rules,
      ...wanted,
    });
    return consumerKey;
  }

  return {
    request(wanted) {
      const consumerKey = create("pendingValidation", wanted);
      const validationToken = toHex(randomBytes(16));
      pendingKeys.set(validationToken, digest(consumerKey));
      return { consumerKey, validationToken };
    },
    find: (consumerKey) => credentials.get(digest(consumerKey)),
    pending: (validationToken) => credentials.get(pendingKeys.get(validationToken) ?? ""),
    decide(validationToken, status) {
      const key = pendingKeys.get(validationToken) ?? "";
      const credential = credentials.get(key);
      if (!credential) return undefined;
      pendingKeys.delete(validationToken);
      credentials.set(key, { ...credential, status });
      return credential;
    },
    revoke(consumerKey) {
      credentials.delete(digest(consumerKey));
    },
    createUnrestricted: () => create("validated", { accessRules: unrestricted }),
  };
}
