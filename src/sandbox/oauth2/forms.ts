import type { HonoRequest } from "hono";
import type { Surroundings } from "../api.ts";
import { ExpiringSecrets } from "../expiring-secrets.ts";
import { createSecret } from "../store.ts";
import { OAuthError } from "./errors.ts";
import { type Parameters, readForm } from "./parameters.ts";

const LIFETIME_MS = 10 * 60 * 1000;

/** A form as a user sent it in. */
export interface FilledForm<T> {
  readonly token: string;
  /** What the form was opened for. */
  readonly subject: T;
  readonly fields: Parameters;
}

/**
 * The forms that are open in browsers. Each carries a random token, so that only an answer to a
 * form of ours counts, and only for what that form was about.
 */
export class Forms<T> {
  readonly #open: ExpiringSecrets<T>;
  readonly #surroundings: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#open = new ExpiringSecrets(surroundings.now);
    this.#surroundings = surroundings;
  }

  /** Opens a form and returns its token. */
  open(subject: T): string {
    const { now, randomBytes } = this.#surroundings;
    const token = createSecret(randomBytes, 32, "base64url");
    this.#open.put(token, subject, now().getTime() + LIFETIME_MS);
    return token;
  }

  /** The answer to an open form; undefined for anything else. */
  async read(request: HonoRequest): Promise<FilledForm<T> | undefined> {
    try {
      const fields = await readForm(request);
      const token = fields.get("form_token") ?? "";
      const subject = this.#open.get(token);
      return subject && { token, subject, fields };
    } catch (error) {
      if (error instanceof OAuthError) return undefined;
      throw error;
    }
  }

  /** Ends a form: it can't be sent again. */
  close(token: string): void {
    this.#open.delete(token);
  }
}
