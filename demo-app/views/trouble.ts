/** What a visitor sees if something is not found, not allowed, or not possible at the moment. */
import { html, type Html } from "../html.js";

export function troublePage(title: string, sentence: string): Html {
  return html`<section class="narrow">
    <h1>${title}</h1>
    <p class="lead">${sentence}</p>
    <p><a class="button" href="/">Back to the goods</a></p>
  </section>`;
}
