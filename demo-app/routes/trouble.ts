/** Handles requests that match no route or fail: a status, and a page or JSON, but never a stack trace. */
import type { NextFunction, Request, Response } from "express";
import { HoldfastError } from "holdfast";
import { Refused } from "../refused.js";
import { awayPage, awaySentence } from "../views/away.js";
import { troublePage } from "../views/trouble.js";
import { sendPage, type Shop } from "./context.js";

export function notFound(): never {
  throw new Refused(404, "This page does not exist.");
}

/** The sentence for each status that Express, its parsers and the session middleware can produce. */
const sentences: Record<number, [title: string, sentence: string]> = {
  400: ["That did not make sense", "The shop could not read this request."],
  403: ["Refused", "This request was refused."],
  404: ["Not found", "This page does not exist."],
  413: ["Too much", "That is more than any form in this shop accepts."],
  415: ["Unreadable", "The shop accepts forms and JSON only."],
  422: ["Not quite", "Something in this form is missing or wrong."],
  503: ["One moment, please", "The shop is busy right now. Please try again in a few seconds."],
};
const ourFault: [string, string] = ["That is our fault", "Something went wrong in the shop. Please try again."];

export function showTrouble(shop: Shop) {
  // Express recognizes an error handler by its four parameters.
  return function trouble(error: unknown, req: Request, res: Response, next: NextFunction): void {
    const status = statusOf(error);
    if (status >= 500) report(error, req);
    if (res.headersSent) return next(error);
    const [title, general] = sentences[status] ?? (status < 500 ? sentences[400]! : ourFault);
    const isAway = HoldfastError.is(error) && error.code === "SESSION_STORE_UNAVAILABLE";
    const away = isAway && awaySentence(shop.isMemoryOnly);
    const sentence = away || (error instanceof Refused ? error.message : general);
    res.status(status);
    if (status === 503) res.set("Retry-After", retryAfterOf(error));
    if (wantsJson(req)) res.json({ error: sentence });
    else {
      const isForm = req.method !== "GET" && req.method !== "HEAD";
      sendPage(shop, req, res, { title, main: away ? awayPage(away, isForm) : troublePage(title, sentence) });
    }
  };
}

/** Only errors with an error status are trusted; all others are our fault. */
function statusOf(error: unknown): number {
  const status = (error as { status?: unknown } | undefined)?.status;
  return typeof status === "number" && status >= 400 && status <= 599 ? status : 500;
}

function retryAfterOf(error: unknown): string {
  return (error as { headers?: Record<string, string> }).headers?.["Retry-After"] ?? "5";
}

function wantsJson(req: Request): boolean {
  return req.path.endsWith(".json");
}

/** For the operator. Expected errors get one line, others their stack. */
function report(error: unknown, req: Request): void {
  const expected = statusOf(error) === 503 && error instanceof Error;
  console.error(`${req.method} ${req.path}:`, expected ? error.message : error);
}
