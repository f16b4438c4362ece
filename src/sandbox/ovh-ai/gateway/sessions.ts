import type { Surroundings } from "../../api.ts";
import { ExpiringSecrets } from "../../expiring-secrets.ts";
import { createSecret } from "../../store.ts";

const LIFETIME_MS = 12 * 60 * 60 * 1000;

interface Session {
  readonly resourceId: string;
  readonly tokenDigest: string;
}

/**
 * Who logged in with a token, and to what. Such a session knows only the token's digest: what that
 * is still worth is looked up each time.
 */
export class Sessions {
  readonly #sessions: ExpiringSecrets<Session>;
  readonly #surroundings: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#sessions = new ExpiringSecrets(surroundings.now);
    this.#surroundings = surroundings;
  }

  /** Returns a random id, which says nothing of the token. */
  open(session: Session): string {
    const { now, randomBytes } = this.#surroundings;
    const id = createSecret(randomBytes, 32, "base64url");
    this.#sessions.put(id, session, now().getTime() + LIFETIME_MS);
    return id;
  }

  /** The digest of the token that opened the session; undefined if it is over, or is another resource's. */
  tokenDigest(id: string, resourceId: string): string | undefined {
    const session = this.#sessions.get(id);
    return session?.resourceId === resourceId ? session.tokenDigest : undefined;
  }
}
