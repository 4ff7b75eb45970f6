/**
 * Continues a request by calling `next` once. If an error occurs later, `next` is called again where that is safe,
 * which is how Express and Connect learn of it. If nothing handles the error, a plain response is sent.
 */
import type { ServerResponse } from "node:http";
import { codes, realTime, warnOnce } from "../errors/index.js";
import { answerPlainly } from "./response-gate/plain-answer.js";

export type Next = (error?: unknown) => void;

/** Milliseconds within which the app has to start responding to an error. Express always does, so it gets more time. */
const answerTimeout = { express: 5000, others: 1000 };

const seen = new WeakSet<Next>();
const shared = new WeakSet<Next>();

/** Records that a request started with this `next`. That of Express, which it puts on the request, is never reused. */
export function noteNext(req: object & { next?: unknown }, next: Next): void {
  if (req.next === next) return;
  if (seen.has(next)) shared.add(next);
  else seen.add(next);
}

/** The first call of `next`. What the app throws in it is passed through. */
export function callNext(req: object, res: ServerResponse, next: Next, error?: unknown): void {
  if (error !== undefined) ensureAnswered(req, res, next, error);
  next(error);
}

/** The app's response was dropped after `next` had been called. Never throws. */
export function passLateError(req: object, res: ServerResponse, next: Next, error: unknown): void {
  if (isReused(next)) return void answerPlainly(res, error);
  try {
    next(error);
  } catch (thrown) {
    answerPlainly(res, error);
    return warnOnce(
      codes.ERROR_UNANSWERED,
      `The error of a session that was not saved was passed to next(), which threw: ${String(thrown)} ` +
        "The client got a plain response with the error's status.",
    );
  }
  ensureAnswered(req, res, next, error);
}

function ensureAnswered(
  req: (object & { next?: unknown }) | undefined,
  res: ServerResponse,
  next: Next,
  error: unknown,
): void {
  const isExpress = req?.next === next;
  const timer = realTime.setTimeout(
    () => {
      if (!answerPlainly(res, error)) return;
      warnOnce(
        codes.ERROR_UNANSWERED,
        "An error of the session store was passed to next(error), and nothing responded to it, so the client got a " +
          "plain response with the error's status. Handle the errors that next() gets, or find what swallows them.",
      );
    },
    isExpress ? answerTimeout.express : answerTimeout.others,
  );
  // A process that has nothing else to do may end then. A response of somebody else's making may take no listener.
  if (typeof res.once === "function" && Object.isExtensible(res)) res.once("close", () => void timer.unref());
}

/**
 * Whether this function is reused for one request after the other, as @fastify/middie does, and NestJS's copy of it: at
 * the time of a second call it may belong to another visitor. Detected if two requests came with it, or by its text: it
 * returns itself to a pool, or counts in an object that it keeps (names of properties survive minifying).
 */
function isReused(next: Next): boolean {
  return shared.has(next) || /\brelease\s*\(|=\s*\w+\.\w+\+\+/.test(Function.prototype.toString.call(next));
}
