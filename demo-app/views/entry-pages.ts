/** Register, and log in. */
import { html, type Html } from "../html.js";
import { csrfField, field, formError, type FormErrors } from "./fields.js";

/** What a refused form shows again: all input except the password. */
export interface EntryForm {
  readonly username?: string;
  readonly email?: string;
  readonly remember?: boolean;
  /** The page that was requested. */
  readonly next?: string;
  readonly errors?: FormErrors;
}

export function registerPage(csrf: string, form: EntryForm = {}): Html {
  const { errors = {} } = form;
  return html`<section class="narrow">
    <h1>Register</h1>
    <p class="lead">A name and a password are enough. Your cart is kept.</p>
    <form method="post" action="/register" class="stacked" novalidate>
      ${formError(errors)} ${csrfField(csrf)} ${nextField(form.next)}
      ${field(
        {
          name: "username",
          label: "User name",
          hint: "3 to 30 letters and digits; dots, hyphens and underscores are allowed inside.",
          attributes: html`autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="60" required
          value="${form.username ?? ""}"`,
        },
        errors,
      )}
      ${field(
        {
          name: "email",
          label: "E-mail (optional)",
          hint: "You can log in with it as well. Nothing is sent to it.",
          attributes: html`type="email" autocomplete="email" maxlength="254" value="${form.email ?? ""}"`,
        },
        errors,
      )}
      ${field(
        {
          name: "password",
          label: "Password",
          hint: passwordHint,
          attributes: html`type="password" autocomplete="new-password" required`,
        },
        errors,
      )}
      <button type="submit" class="main">Register</button>
    </form>
    <p class="hint">Already registered? <a href="/login${nextQuery(form.next)}">Log in</a>.</p>
  </section>`;
}

export const passwordHint = "At least 8 characters. Longer is better than stranger.";

export function logInPage(csrf: string, form: EntryForm = {}): Html {
  const { errors = {} } = form;
  return html`<section class="narrow">
    <h1>Log in</h1>
    <form method="post" action="/login" class="stacked" novalidate>
      ${formError(errors)} ${csrfField(csrf)} ${nextField(form.next)}
      ${field(
        {
          name: "username",
          label: "User name or e-mail",
          attributes: html`autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="254" required
          value="${form.username ?? ""}"`,
        },
        errors,
      )}
      ${field(
        {
          name: "password",
          label: "Password",
          attributes: html`type="password" autocomplete="current-password" required`,
        },
        errors,
      )}
      <div class="field">
        <label class="check">
          <input
            type="checkbox"
            name="remember"
            value="yes"
            aria-describedby="remember-hint"
            ${form.remember === true && html`checked`}
          />
          Remember me
        </label>
        <p class="hint" id="remember-hint">
          Keeps you logged in for up to 30 days. Leave it unchecked on shared devices.
        </p>
      </div>
      <button type="submit" class="main">Log in</button>
    </form>
    <p class="hint">New here? <a href="/register${nextQuery(form.next)}">Register</a>.</p>
  </section>`;
}

function nextField(next: string | undefined): Html {
  return html`${next !== undefined && html`<input type="hidden" name="next" value="${next}" />`}`;
}

function nextQuery(next: string | undefined): string {
  return next === undefined ? "" : `?next=${encodeURIComponent(next)}`;
}
