import type { HonoRequest } from "hono";
import type { Surroundings } from "../api.ts";
import { ExpiringSecrets } from "../expiring-secrets.ts";
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

  constructor(surroundings: Surroundings) {
    this.#open = new ExpiringSecrets(surroundings);
  }

  /** Opens a form and returns its token. */
  open(subject: T): string {
    return this.#open.issue(subject, LIFETIME_MS);
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
