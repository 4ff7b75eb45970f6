/** Writes what an event says into the page. */
import type { NowEvent } from "../now/event-stream.js";
import type { Judgement } from "../now/judgement.js";

export function showNow(page: HTMLElement, { judgement, isOld, words, processes }: NowEvent): void {
  page.toggleAttribute("data-old", isOld);
  showJudgement(page, judgement);
  for (const place of page.querySelectorAll<HTMLElement>("[data-word]"))
    setText(place, words[place.dataset["word"]!] ?? "");
  const rows = processes.map(({ isWell, cells }) => {
    const row = document.createElement("tr");
    if (!isWell) row.className = "bad";
    row.append(...cells.map((text, i) => cell(text, i === 0)));
    return row;
  });
  page.querySelector("[data-processes]")!.replaceChildren(...rows);
}

/** The process that sent the events does not answer, which says nothing about the others. */
export function showLost(page: HTMLElement, isFinal: boolean): void {
  page.toggleAttribute("data-old", true);
  const sentences = isFinal
    ? ["The console refused to go on. Reload the page, and log in if it asks you to."]
    : ["The connection to the app is lost. What is shown is old; the page tries again by itself."];
  showJudgement(page, { verdict: "bad", headline: "No connection to the app", sentences });
}

function showJudgement(page: HTMLElement, { verdict, headline, sentences }: Judgement): void {
  const box = page.querySelector<HTMLElement>("[data-verdict]")!;
  box.className = `verdict ${verdict}`;
  setText(box.querySelector("[data-headline]")!, headline);
  const list = box.querySelector("[data-sentences]")!;
  const shown = Array.from(list.children, ({ textContent }) => textContent);
  if (shown.join("\n") === sentences.join("\n")) return; // a screen reader hears changes only
  list.replaceChildren(
    ...sentences.map((sentence) => Object.assign(document.createElement("li"), { textContent: sentence })),
  );
}

function setText(place: Element, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}

function cell(text: string, isName: boolean): HTMLElement {
  const element = document.createElement(isName ? "th" : "td");
  if (isName) element.setAttribute("scope", "row");
  element.textContent = text;
  return element;
}
