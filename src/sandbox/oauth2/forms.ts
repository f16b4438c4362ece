import type { HonoRequest } from "hono";
import { html } from "hono/html";
import type { SandboxRuntime } from "../api.ts";
import type { Html } from "../pages.ts";
import { ExpiringSecrets } from "../store.ts";
import { OAuthErrorResponse, type OAuthParameters, readForm } from "./parameters.ts";

const LIFETIME_MS = 10 * 60 * 1000;

/** A form as a user sent it in. */
export interface FilledForm<T> {
  readonly token: string;
  /** What the form was opened for. */
  readonly subject: T;
  readonly fields: OAuthParameters;
}

/**
 * The forms that are open in browsers. Each carries a random token, so that only an answer to a
 * form of ours counts, and only for what that form was about.
 */
export class Forms<T> {
  readonly #open: ExpiringSecrets<T>;

  constructor(runtime: SandboxRuntime) {
    this.#open = new ExpiringSecrets(runtime);
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
      if (error instanceof OAuthErrorResponse) return undefined;
      throw error;
    }
  }

  /** Ends a form: it can't be sent again. */
  close(token: string): void {
    this.#open.delete(token);
  }
}

/** A form that asks a user who they are and what they decide. */
export interface SignInForm {
  /** Where it is posted to. */
  readonly action: string;
  /** What binds the answer to this form. */
  readonly formToken: string;
  /** Fields above the user name. */
  readonly fields?: Html;
  readonly username?: string | undefined;
  /** What was wrong with the last answer. */
  readonly problem?: string | undefined;
}

/** Denying needs no password, so `Deny` skips the fields that approving requires. */
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
