/** Register, log in, and the account. */
import { html, type Html } from "../html.js";

/** What a form shows again after it was refused: everything that was typed but the password. */
export interface CredentialsForm {
  readonly username?: string;
  readonly next?: string;
  readonly errors?: { readonly username?: string; readonly password?: string; readonly form?: string };
}

export function registerPage(csrf: string, form: CredentialsForm = {}): Html {
  return html`<section class="narrow">
    <h1>Register</h1>
    <p class="lead">A name and a password, that is all. What is in your cart stays there.</p>
    ${credentials("/register", "Register", csrf, form, {
      username: "3 to 30 letters and digits; dots, hyphens and underscores may be inside.",
      password: "At least 8 characters. Longer is better than stranger.",
      autocomplete: "new-password",
    })}
    <p class="hint">Registered before? <a href="/login${nextQuery(form.next)}">Log in</a>.</p>
  </section>`;
}

export function logInPage(csrf: string, form: CredentialsForm = {}): Html {
  return html`<section class="narrow">
    <h1>Log in</h1>
    ${credentials("/login", "Log in", csrf, form, { autocomplete: "current-password" })}
    <p class="hint">New here? <a href="/register${nextQuery(form.next)}">Register</a>.</p>
  </section>`;
}

interface Hints {
  username?: string;
  password?: string;
  autocomplete: "new-password" | "current-password";
}

function credentials(action: string, label: string, csrf: string, form: CredentialsForm, hints: Hints): Html {
  const errors = form.errors ?? {};
  return html`<form method="post" action="${action}" class="stacked" novalidate>
    ${errors.form !== undefined && html`<p class="error boxed" id="form-error" role="alert">${errors.form}</p>`}
    <input type="hidden" name="csrf" value="${csrf}" />
    ${form.next !== undefined && html`<input type="hidden" name="next" value="${form.next}" />`}
    <div class="field">
      <label for="username">User name</label>
      <input
        id="username"
        name="username"
        autocomplete="username"
        autocapitalize="none"
        spellcheck="false"
        maxlength="60"
        required
        value="${form.username ?? ""}"
        ${described("username", hints.username, errors.username, errors.form)}
      />
      ${below("username", hints.username, errors.username)}
    </div>
    <div class="field">
      <label for="password">Password</label>
      <input
        id="password"
        name="password"
        type="password"
        autocomplete="${hints.autocomplete}"
        required
        ${described("password", hints.password, errors.password, errors.form)}
      />
      ${below("password", hints.password, errors.password)}
    </div>
    <button type="submit" class="main">${label}</button>
  </form>`;
}

/** Ties hint and error to their field, for whoever hears the form instead of seeing it. */
function described(
  name: string,
  hint: string | undefined,
  error: string | undefined,
  formError: string | undefined,
): Html {
  const ids = [error && `${name}-error`, formError && "form-error", hint && `${name}-hint`].filter(Boolean).join(" ");
  return html`${ids !== "" && html`aria-describedby="${ids}"`}
  ${(error ?? formError) !== undefined && html`aria-invalid="true"`}`;
}

function below(name: string, hint: string | undefined, error: string | undefined): Html {
  return html`${error !== undefined && html`<p class="error" id="${name}-error">${error}</p>`}
  ${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}`;
}

function nextQuery(next: string | undefined): string {
  return next === undefined ? "" : `?next=${encodeURIComponent(next)}`;
}

export interface AccountFacts {
  readonly username: string;
  readonly createdAt: number;
  readonly pageViews: number;
}

export function accountPage(csrf: string, { username, createdAt, pageViews }: AccountFacts): Html {
  const since = new Date(createdAt).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
  return html`<section class="narrow">
    <h1>${username}</h1>
    <p class="lead">Good to have you aboard.</p>
    <dl class="facts">
      <div>
        <dt>Registered</dt>
        <dd>${since}</dd>
      </div>
      <div>
        <dt>Pages seen</dt>
        <dd>${pageViews}</dd>
      </div>
    </dl>
    <form method="post" action="/logout">
      <input type="hidden" name="csrf" value="${csrf}" />
      <button type="submit">Log out</button>
      <p class="hint">Ends this session. The cart in it goes too.</p>
    </form>
  </section>`;
}
