import type { HonoRequest } from "hono";
import { html } from "hono/html";
import type { SandboxRuntime } from "../api.ts";
import type { Html } from "../pages.ts";
import { ExpiringSecrets } from "../store.ts";
import { OAuthErrorResponse, type OAuthParameters, readForm } from "./parameters.ts";

const lifetimeMs = 10 * 60 * 1000;

/** A submitted form. */
interface FilledForm<T> {
  readonly token: string;
  /** The request that the form was opened for. */
  readonly subject: T;
  readonly fields: OAuthParameters;
}

/**
 * Forms that are open in browsers. Each has a random token (CSRF protection) that is bound to one
 * request.
 */
export class Forms<T> {
  readonly #open: ExpiringSecrets<T>;

  constructor(runtime: SandboxRuntime) {
    this.#open = new ExpiringSecrets(runtime);
  }

  /** Opens a form and returns its token. */
  open(subject: T): string {
    return this.#open.issue(subject, lifetimeMs);
  }

  /** Parses a submitted form. Returns undefined if the form is invalid or not open. */
  async read(request: HonoRequest): Promise<FilledForm<T> | undefined> {
    try {
      const fields = await readForm(request);
      const token = fields.get("form_token") ?? "";
      const subject = this.#open.get(token);
      return subject && { token, subject, fields };
    } catch (error) {
      if (error instanceof OAuthErrorResponse) return undefined;
      throw error;
    }
  }

  /** Closes a form, so that it can't be submitted again. */
  close(token: string): void {
    this.#open.delete(token);
  }
}

/** Content of a form on which a user signs in and approves or denies a request. */
export interface SignInForm {
  /** Path that the form is posted to. */
  readonly action: string;
  /** Token of `Forms.open`. */
  readonly formToken: string;
  /** Additional fields above the user name. */
  readonly fields?: Html;
  readonly username?: string | undefined;
  /** Error message of the previous submission. */
  readonly problem?: string | undefined;
}

/** Returns the HTML of the form. `Deny` has `formnovalidate`, since it needs no password. */
export const signInForm = ({ action, formToken, fields, username, problem }: SignInForm): Html =>
  html`${problem === undefined ? "" : html`<p role="alert">${problem}</p>`}
<form method="post" action="${action}">
<input type="hidden" name="form_token" value="${formToken}">
${fields ?? ""}
<p>
<label for="username">User name</label>
<input id="username" name="username" value="${username ?? ""}" autocomplete="username" required>
</p>
<p>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
</p>
<p>
<button name="decision" value="approve">Approve</button>
<button name="decision" value="deny" formnovalidate>Deny</button>
</p>
</form>`;
