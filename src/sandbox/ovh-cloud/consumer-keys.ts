import * as v from "valibot";
import { toHex } from "../../core/text.ts";
import type { SandboxRuntime } from "../api.ts";
import { digest } from "../store.ts";

/** Where the API's paths begin; access rules do not repeat it. */
const base = "/1.0";

const AccessRule = v.strictObject({
  method: v.picklist(["GET", "POST", "PUT", "DELETE"]),
  path: v.pipe(v.string(), v.startsWith("/")),
});

/** A call that a consumer key may make: a method and a path below `/1.0`, which may end in `*`. */
export type AccessRule = v.InferOutput<typeof AccessRule>;

/** The rules of a request for a consumer key. */
export const AccessRules = v.pipe(v.array(AccessRule), v.minLength(1));

/** Every call there is. */
export const unrestricted: readonly AccessRule[] = AccessRule.entries.method.options.map(
  (method) => ({ method, path: "/*" }),
);

/** Whether one of the rules matchesPath the call. */
export function rulesAllow(rules: readonly AccessRule[], method: string, path: string): boolean {
  return rules.some(
    (rule) => rule.method === method && path.startsWith(base) && matchesPath(rule.path, path),
  );
}

function matchesPath(pattern: string, path: string): boolean {
  const below = path.slice(base.length);
  return pattern.endsWith("*") ? below.startsWith(pattern.slice(0, -1)) : below === pattern;
}

/** What a user has said to the rights that an application asks for. */
export type ValidationDecision = "validated" | "refused";

/** What belongs to a consumer key: the user's answer and the calls it was asked for. */
export interface ConsumerKeyCredential {
  readonly credentialId: number;
  readonly status: "pendingValidation" | ValidationDecision;
  readonly creation: string;
  readonly rules: readonly AccessRule[];
  /** Where the user goes after the answer. */
  readonly redirection?: string;
  /** Shown with the credential; this server does not check where a call comes from. */
  readonly allowedIPs?: readonly string[];
}

/** What an application asks for. */
export interface CredentialRequest
  extends Pick<ConsumerKeyCredential, "redirection" | "allowedIPs"> {
  readonly accessRules: readonly AccessRule[];
}

/** The consumer keys of one application; `undefined` means: unknown. */
export interface ConsumerKeys {
  /** A key that waits for its user, who finds it by the validation token. */
  request(wanted: CredentialRequest): {
    readonly consumerKey: string;
    readonly validationToken: string;
  };
  find(consumerKey: string): ConsumerKeyCredential | undefined;
  /** What the user is asked; unknown once it is answered. */
  pending(validationToken: string): ConsumerKeyCredential | undefined;
  answer(validationToken: string, decision: ValidationDecision): ConsumerKeyCredential | undefined;
  revoke(consumerKey: string): void;
  /** A key that may make every call, and waits for nobody. */
  createUnrestricted(): string;
}

/** An application without consumer keys. Of a key only the digest is kept. */
export function createConsumerKeys({ now, randomBytes }: SandboxRuntime): ConsumerKeys {
  const credentials = new Map<string, ConsumerKeyCredential>();
  /** From validation tokens to the digests of their keys. */
  const asked = new Map<string, string>();
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
      asked.set(validationToken, digest(consumerKey));
      return { consumerKey, validationToken };
    },
    find: (consumerKey) => credentials.get(digest(consumerKey)),
    pending: (validationToken) => credentials.get(asked.get(validationToken) ?? ""),
    answer(validationToken, status) {
      const key = asked.get(validationToken) ?? "";
      const credential = credentials.get(key);
      if (!credential) return undefined;
      asked.delete(validationToken);
      credentials.set(key, { ...credential, status });
      return credential;
    },
    revoke(consumerKey) {
      credentials.delete(digest(consumerKey));
    },
    createUnrestricted: () => create("validated", { accessRules: unrestricted }),
  };
}
