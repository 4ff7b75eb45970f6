/** What a visitor is told while the shop cannot read or save sessions. */
import { html, type Html } from "../html.js";

const awayTitle = "One moment, please";

/** Only what is true of this shop's Redis. */
export function awaySentence(isMemoryOnly: boolean): string {
  const kept = isMemoryOnly
    ? "They are in the memory of the embedded Valkey and nowhere else: if it pauses, they will be there again; if it is restarted, they are gone."
    : "What Redis still has after a restart depends on its append-only file and its snapshots.";
  return `The shop cannot read or save its sessions right now. ${kept}`;
}

/** away.js tries again; a page that was only requested is loaded as soon as Redis is back. */
export function awayPage(sentence: string, isForm: boolean): Html {
  return html`<section class="narrow" data-unavailable="${isForm ? "form" : "page"}">
    <h1>${awayTitle}</h1>
    <p class="lead">${sentence}</p>
    ${
      isForm &&
      html`<p>
        The shop does not know whether what you sent was saved. Look once Redis is back, before you send it again.
      </p>`
    }
    <p><a class="button" href="${isForm && "/"}">${isForm ? "Back to the goods" : "Try again"}</a></p>
  </section>`;
}

/** On every page; away.js fills it in. */
export const awayLine = html`<section class="away" aria-label="Redis" data-away hidden>
  <p role="status" data-away-words></p>
  <p data-away-next></p>
  <button type="button" data-away-again hidden>Ask again</button>
</section>`;
