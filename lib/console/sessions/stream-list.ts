/** Sends the list as it is found: a million sessions neither fill the memory nor keep the operator waiting. */
import type { SessionAdmin } from "../../ops/index.js";
import { flush } from "../http/answer.js";
import type { Visit } from "../http/visit.js";
import { count } from "../views/amounts.js";
import { failureWords } from "../views/failure-words.js";
import type { ListPage } from "./list-page.js";
import type { Search } from "./search.js";

/** Rows of one page. */
const mostRows = 100;
/** Milliseconds after which a search that has not found enough ends. A million sessions take less. */
const longest = 60_000;

export async function streamList(visit: Visit, admin: SessionAdmin, search: Search, page: ListPage): Promise<void> {
  const { res, gone } = visit;
  res.statusCode = 200;
  res.setHeader("Content-Type", "text/html; charset=utf-8");
  res.setHeader("X-Accel-Buffering", "no"); // nginx would hold the rows back
  res.write(page.head);
  flush(res);
  const signal = AbortSignal.any([gone, AbortSignal.timeout(longest)]);
  let rows = 0;
  let sentence = "";
  let hasFailed = false;
  let unreadable = 0;
  try {
    for await (const summary of admin.list(search, { signal, onUnreadable: (count) => (unreadable = count) })) {
      if (rows === mostRows) {
        sentence = `The first ${mostRows} that were found. There are more.`;
        break;
      }
      rows++;
      if (!res.write(page.row(summary))) await drained(res, gone);
      flush(res);
    }
    sentence ||= signal.aborted
      ? `${count(rows, "session")} found in a minute, and not all have been looked at.`
      : rows === 0
        ? "No session was found."
        : `${count(rows, "session")}.`;
    if (unreadable > 0) sentence += ` ${count(unreadable, "more value")} cannot be read, so it is not known whose.`;
  } catch (error) {
    hasFailed = true;
    sentence = `${count(rows, "session")} found, then: ${failureWords(error).sentence}`;
  }
  if (!gone.aborted) res.end(page.end(sentence, hasFailed));
}

function drained(res: Visit["res"], gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    res.once("drain", resolve);
    gone.addEventListener("abort", () => resolve(), { once: true });
  });
}
