/** Makes pages live. Without it, they reload every few seconds. */
import type { NowEvent } from "../now/event-stream.js";
import { Charts } from "./charts.js";
import { keepFresh } from "./fresh.js";
import { showNow, showLost } from "./show.js";

const page = document.querySelector<HTMLElement>("[data-now]");
if (page) follow(page);
const live = document.querySelector<HTMLElement>("[data-live]");
if (live) keepFresh(live);

/** Milliseconds without a connection before the page says so: a stream ends every few minutes, and begins again. */
const patience = 3000;

function follow(page: HTMLElement): void {
  const charts = new Charts(page);
  const source = new EventSource(page.dataset["events"]!);
  source.addEventListener("message", ({ data }: MessageEvent<string>) => {
    const event: NowEvent = JSON.parse(data);
    showNow(page, event);
    charts.add(event);
  });
  // The browser connects again by itself, unless it was refused: then somebody has to log in.
  let lost: ReturnType<typeof setTimeout> | undefined;
  source.addEventListener("open", () => {
    clearTimeout(lost);
    lost = undefined;
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) showLost(page, true);
    else lost ??= setTimeout(() => showLost(page, false), patience); // each attempt that fails is an error
  });
}
