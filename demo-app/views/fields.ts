/** The fields of a form, each with its label, its hint and its error. */
import { html, type Html } from "../html.js";

/**
 * The error beside each field after a form was refused; under `form`, errors that concern no single field. An empty
 * sentence marks the field as invalid and leaves the message to `form`.
 */
export type FormErrors = Readonly<
  Partial<Record<"username" | "email" | "password" | "current" | "devices" | "form", string>>
>;

export interface Field {
  readonly name: "username" | "email" | "password" | "current";
  readonly label: string;
  readonly hint?: string;
  /** Attributes of the input, in addition to those of every field. */
  readonly attributes: Html;
}

export function field({ name, label, hint, attributes }: Field, errors: FormErrors): Html {
  const error = errors[name];
  // For screen readers.
  const described = [error && `${name}-error`, errors.form && "form-error", hint && `${name}-hint`].filter(Boolean);
  return html`<div class="field">
    <label for="${name}">${label}</label>
    <input
      id="${name}"
      name="${name}"
      ${attributes}
      ${described.length > 0 && html`aria-describedby="${described.join(" ")}"`}
      ${error !== undefined && html`aria-invalid="true"`}
      ${name === firstWrong(errors) && html`autofocus`}
    />
    ${error && html`<p class="error" id="${name}-error">${error}</p>`}
    ${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}
  </div>`;
}

/** The first wrong field gets the focus, so that the browser scrolls it into view. */
function firstWrong(errors: FormErrors) {
  return (["username", "email", "current", "password"] as const).find((name) => errors[name] !== undefined);
}

/** Above the fields. */
export function formError(errors: FormErrors): Html {
  return boxedError("form-error", errors.form, firstWrong(errors) === undefined);
}

/** It may be far down the page, so it gets the focus, unless a field has it. */
export function boxedError(id: string, sentence: string | undefined, hasFocus = true): Html {
  if (sentence === undefined) return html``;
  return html`<p class="error boxed" id="${id}" role="alert" tabindex="-1" ${hasFocus && html`autofocus`}>
    ${sentence}
  </p>`;
}

export function csrfField(csrf: string): Html {
  return html`<input type="hidden" name="csrf" value="${csrf}" />`;
}
