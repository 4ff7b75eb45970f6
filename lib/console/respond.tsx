/** One request: may it come in, is it a forged one, which page answers it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { HoldfastError } from "../errors/index.js";
import type { OperatorAdmin } from "../ops/sessions/session-admin.js";
import { sendAsset } from "./assets/assets.js";
import { accessOf } from "./http/access.js";
import { redirect, sendPage, setHeaders } from "./http/answer.js";
import { BodyTooLarge } from "./http/body.js";
import { isSameOrigin } from "./http/same-origin.js";
import { missingSlash, visitOf, type Visit } from "./http/visit.js";
import type { Collector, Snapshot } from "./now/collector.js";
import { streamEvents } from "./now/event-stream.js";
import { NowPage } from "./now/now-page.js";
import type { SessionCounter } from "./now/session-counter.js";
import { processLines, wordsOf } from "./now/words.js";
import { moveRoutes, type MoveRoutesDeps } from "./move/move-routes.js";
import type { ConsoleOptions } from "./options.js";
import type { Examiner } from "./redis/examiner.js";
import { RedisPage } from "./redis/redis-page.js";
import type { Actions } from "./sessions/actions.js";
import { sessionRoutes } from "./sessions/session-routes.js";
import { failureWords } from "./views/failure-words.js";
import { Notice } from "./views/layout.js";

export interface Parts {
  readonly app: string;
  readonly prefix: string;
  readonly admin: OperatorAdmin;
  readonly authorize: ConsoleOptions["authorize"];
  readonly collector: Collector;
  readonly counter: SessionCounter;
  readonly examiner: Examiner;
  readonly actions: Actions;
  /** Absent if no migration is under way here. */
  readonly move: Omit<MoveRoutesDeps, "app"> | undefined;
  /** Aborts when the console is closed. */
  readonly stopped: AbortSignal;
}

export async function respond(req: IncomingMessage, res: ServerResponse, parts: Parts): Promise<void> {
  setHeaders(res);
  const access = await accessOf(req, parts.authorize);
  const operator = "operator" in access ? access.operator : undefined;
  const visit = visitOf(req, res, { operator, hasMove: parts.move !== undefined });
  const { app } = parts;
  const refuse = (status: number, title: string, sentence: string) =>
    sendPage(res, status, <Notice visit={visit} app={app} title={title} sentence={sentence} />);
  const isRead = req.method === "GET" || req.method === "HEAD";

  if (isRead && sendAsset(visit.path, res)) return; // the page that refuses wants to look like the others
  if ("refusal" in access) return refuse(403, "No entry", access.refusal);
  const better = isRead ? missingSlash(req) : undefined;
  if (better !== undefined) return redirect(res, better);
  if (!isRead && req.method !== "POST") {
    res.setHeader("Allow", "GET, HEAD, POST");
    return refuse(405, "This cannot be done here", "The console answers GET and POST.");
  }
  if (!isRead && !isSameOrigin(req))
    return refuse(403, "Nothing was done", "This form was not sent from a page of the console. Reload the page first.");
  try {
    if (!(await answer(visit, parts)))
      refuse(404, "There is no such page", "The address was mistyped, or is from another version.");
  } catch (error) {
    if (res.headersSent) throw error;
    if (error instanceof BodyTooLarge) return refuse(413, "This form is too large", "Nothing was done.");
    if (!HoldfastError.is(error)) throw error;
    const { headline, sentence, isRefusal } = failureWords(error);
    const isUnknown = !isRead && error.status === 503 && !isRefusal;
    refuse(error.status ?? 422, headline, isUnknown ? `${sentence} ${whetherDone}` : sentence);
  }
}

/** A command without an answer may have been carried out. */
const whetherDone = "Whether anything was done is not known: look again when Redis is back.";

async function answer(visit: Visit, parts: Parts): Promise<boolean> {
  const { path, req, res, query } = visit;
  const { app, collector, counter, examiner } = parts;
  if (req.method !== "POST") {
    const describe = (snapshot: Snapshot) => ({
      judgement: snapshot.judgement,
      isOld: snapshot.isOld,
      words: wordsOf(snapshot, counter.latest),
      processes: processLines(snapshot.pulses, Date.now()),
    });
    if (path === "/") {
      const now = describe(await collector.latest());
      sendPage(res, 200, <NowPage visit={visit} app={app} {...now} />);
      return true;
    }
    if (path === "/events") {
      parts.stopped.addEventListener("abort", () => res.end(), { once: true });
      await streamEvents(visit, collector, describe);
      return true;
    }
    if (path === "/redis") {
      const examination = await examiner.examine(query.has("again"));
      sendPage(res, 200, <RedisPage visit={visit} app={app} examination={examination} />);
      return true;
    }
  }
  if (parts.move && (await moveRoutes(visit, { app, ...parts.move }))) return true;
  return sessionRoutes(visit, parts);
}
