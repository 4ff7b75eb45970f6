/** Server-sent events: what the page shows, after each look. */
import type { Visit } from "../http/visit.js";
import { flush } from "../http/answer.js";
import type { Collector, Snapshot } from "./collector.js";
import type { Judgement } from "./judgement.js";
import type { Point } from "./point.js";
import type { ProcessLine } from "./words.js";

/** What the script gets. */
export interface NowEvent {
  readonly judgement: Judgement;
  readonly isOld: boolean;
  readonly words: Readonly<Record<string, string>>;
  readonly processes: readonly ProcessLine[];
  /** The first event has all that is remembered; each later one has what is new. */
  readonly points: readonly Point[];
}

type Describe = (snapshot: Snapshot) => Omit<NowEvent, "points">;

/**
 * Milliseconds after which the browser has to ask again, which it does by itself: so whoever may no longer see this does
 * not see it for long.
 */
const longest = 5 * 60_000;
/** Bytes that a browser may leave unread before it misses an event. */
const mostUnread = 256 * 1024;

export async function streamEvents({ res, gone }: Visit, collector: Collector, describe: Describe): Promise<void> {
  const first = await collector.latest();
  res.statusCode = 200;
  res.setHeader("Content-Type", "text/event-stream; charset=utf-8");
  res.setHeader("Cache-Control", "no-store, no-transform");
  res.setHeader("X-Accel-Buffering", "no"); // nginx would hold events back
  const send = (snapshot: Snapshot, points: readonly Point[]) => {
    if (res.writableLength > mostUnread) return;
    const event: NowEvent = { ...describe(snapshot), points };
    res.write(`data: ${JSON.stringify(event)}\n\n`);
    flush(res);
  };
  res.write("retry: 1000\n\n");
  send(first, collector.history);
  const unwatch = collector.watch((snapshot) => send(snapshot, [snapshot.point]));
  const end = setTimeout(() => res.end(), longest).unref();
  const stop = () => {
    unwatch();
    clearTimeout(end);
  };
  if (gone.aborted) stop();
  gone.addEventListener("abort", stop, { once: true });
}
