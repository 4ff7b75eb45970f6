/** Writes down what a visitor does, in their session: a write on every page view, as busy shops have it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { max, sum, type MergeRules } from "../store/index.js";

declare module "express-session" {
  interface SessionData {
    /** Milliseconds since 1970. */
    lastActivity: number;
    /** The path of the last page, without its query. */
    currentPage: string;
    pageViews: number;
  }
}

/** For the option `merge` of `redisSession()`: page views that overlap are all counted, and the latest time stands. */
export const activityRules: MergeRules = { pageViews: sum, lastActivity: max };

/**
 * Notes `lastActivity`, `currentPage` (the path, at most 200 characters; a query can hold secrets) and `pageViews` in
 * `req.session`. Mount it on the routes that are pages.
 */
export function trackActivity() {
  return function trackActivity(req: IncomingMessage, _res: ServerResponse, next: (error?: unknown) => void): void {
    const request = req as IncomingMessage & { session?: Activity | null; originalUrl?: string };
    const { session } = request;
    if (session) {
      session.lastActivity = Date.now();
      session.currentPage = (request.originalUrl ?? req.url ?? "").split(/[?#]/, 1)[0]!.slice(0, 200);
      session.pageViews = (session.pageViews ?? 0) + 1;
    }
    next();
  };
}

interface Activity {
  lastActivity?: number;
  currentPage?: string;
  pageViews?: number;
}
