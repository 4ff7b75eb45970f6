/**
 * Protection against forged requests, in two independent parts: the browser must say that the request comes from this
 * site (Sec-Fetch-Site, else Origin), and the request must carry a token that only this site's pages know.
 *
 * The token is a keyed hash of the session id. So it needs no write, all tabs share it, it changes at login together
 * with the id, and it reveals nothing about the id.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { NextFunction, Request, RequestHandler, Response } from "express";
import { Refused } from "./refused.js";

export interface Csrf {
  /** The token for the forms of this visitor's pages. */
  token(req: Request): string;
  /** Rejects requests from other sites with 403. Mount it after the body parsers. */
  check: RequestHandler;
}

export function csrfProtection(secret: string): Csrf {
  const key = createHmac("sha256", secret).update("shop: csrf token").digest();
  const token = (req: Request) => createHmac("sha256", key).update(req.sessionID).digest("base64url");

  return {
    token,
    check(req: Request, _res: Response, next: NextFunction): void {
      if (req.method === "GET" || req.method === "HEAD" || req.method === "OPTIONS") return next();
      if (!comesFromHere(req)) throw new Refused(403, "This form was sent from another site, so nothing was done.");
      if (!equal(givenToken(req), token(req))) {
        throw new Refused(
          403,
          "You have logged in or out since this page was made, or its session has ended, so nothing was done. " +
            "Go back, reload the page and send it again. If it happens again, check whether your browser accepts cookies.",
        );
      }
      next();
    },
  };
}

/** If the browser does not say where the request comes from, only the token decides. */
function comesFromHere(req: Request): boolean {
  const site = req.get("Sec-Fetch-Site");
  if (site !== undefined) return site === "same-origin" || site === "none";
  const origin = req.get("Origin");
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === req.get("Host");
}

function givenToken(req: Request): string {
  const fromForm = (req.body as Record<string, unknown> | undefined)?.["csrf"];
  return req.get("X-CSRF-Token") ?? (typeof fromForm === "string" ? fromForm : "");
}

function equal(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
