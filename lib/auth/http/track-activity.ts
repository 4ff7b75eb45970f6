/** Records a visitor's activity in their session, which is a write on every page view. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Handler } from "../request/handler.js";
import { max, sum, type MergeRules } from "../../session/index.js";

/** What `trackActivity()` stores in a session. For TypeScript: `interface HoldfastSession extends Activity {}` */
export interface Activity {
  /** Milliseconds since 1970. */
  lastActivity?: number | undefined;
  /** The path of the last page, without its query. */
  currentPage?: string | undefined;
  /** The number of pages they have requested. */
  pageViews?: number | undefined;
}

/**
 * For the option `merge` of `redisSession()`: overlapping page views are all counted, and the latest time is kept.
 *
 * @example redisSession({ secret, merge: activityRules })
 */
export const activityRules: MergeRules = { pageViews: sum, lastActivity: max };

/** Options of `trackActivity()`. */
export interface TrackActivityOptions {
  /**
   * Whether a visitor without a session gets one. A flood of visitors without cookies would then fill Redis, unless
   * something limits it, such as the option `firstVisitTtl` of `redisSession()`.
   *
   * @default false
   * @example true
   */
  newVisitors?: boolean | undefined;
}

/**
 * Records `lastActivity`, `currentPage` (the path without the query, which may contain secrets; at most 200 characters)
 * and `pageViews` in `req.session`, for visitors whose session already has contents. Mount it on the routes that are
 * pages.
 *
 * @example app.get("/shop/*page", trackActivity(), showShop)
 */
export function trackActivity({ newVisitors = false }: TrackActivityOptions = {}): Handler {
  return function trackActivity(req: IncomingMessage, _res: ServerResponse, next: (error?: unknown) => void): void {
    const request: IncomingMessage & { session?: Activity | null; originalUrl?: string } = req;
    const { session } = request;
    if (session && (newVisitors || hasContents(session))) {
      session.lastActivity = Date.now();
      session.currentPage = (request.originalUrl ?? req.url ?? "").split(/[?#]/, 1)[0]!.slice(0, 200);
      session.pageViews = (session.pageViews ?? 0) + 1;
    }
    next();
  };
}

/** An empty session is not stored, so a session with contents belongs to a visitor who has returned with the cookie. */
function hasContents(session: object): boolean {
  return Object.keys(session).some((key) => key !== "cookie");
}
