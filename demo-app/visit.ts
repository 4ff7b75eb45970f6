/** What the shop keeps in a session, how two changes of it become one, and the write of every page view. */
import type { NextFunction, Request, Response } from "express";
import { max, sum } from "holdfast";
import type { Cart } from "./cart.js";

declare module "express-session" {
  interface SessionData {
    /** Pages seen in this session. */
    pageViews: number;
    /** The last page's path. */
    currentPage: string;
    /** Milliseconds since 1970. */
    lastActivity: number;
    cart: Cart;
  }
}

/** Counters add up, the latest time wins; without a rule the later request's value would stand. */
export const mergeRules = { pageViews: sum, lastActivity: max, "cart.*.quantity": sum };

/** Counts a page view into the session: a write on every page, which is what a busy site does. */
export function countPageView(req: Request, _res: Response, next: NextFunction): void {
  if (req.session) {
    req.session.pageViews = (req.session.pageViews ?? 0) + 1;
    req.session.currentPage = req.path.slice(0, 200);
    req.session.lastActivity = Date.now();
  }
  next();
}
