/** What all routes share: the visitor's view of a page, and sending it. */
import type { Request, Response } from "express";
import type { User } from "holdfast/auth";
import { cartCount } from "../cart.js";
import type { Csrf } from "../csrf.js";
import { page, type PageParts } from "../views/page.js";
import { isLocal } from "../local-only.js";
import { html, type Piece } from "../html.js";
import type { RedisControl } from "../redis/take-away.js";
import { panelFacts, type SessionAtRest } from "../session-at-rest.js";
import type { SimulationSwitch } from "../simulation/switch.js";

export interface Shop {
  readonly csrf: Csrf;
  readonly sessionAtRest: SessionAtRest;
  /** Sessions are in the memory of an embedded Valkey, and nowhere else. */
  readonly isMemoryOnly: boolean;
  /** Replaces the worker processes; absent if there are none. */
  readonly restartWorkers: (() => Promise<void>) | undefined;
  /** Absent if there are no simulated visitors. */
  readonly simulation: SimulationSwitch | undefined;
  /** Freezes and restarts Redis; absent if that is not the shop's own. */
  readonly redisControl: RedisControl | undefined;
}

export function userOf(req: Request): User | undefined {
  return (req as Request & { user?: User }).user;
}

/** Sends a page of the shop. Call it after all changes to the session. */
export function sendPage(shop: Shop, req: Request, res: Response, parts: PageParts): void {
  const session = req.session as Request["session"] | undefined;
  const may = {
    canRestart: shop.restartWorkers !== undefined && isLocal(req),
    canTakeAway: shop.redisControl !== undefined && isLocal(req),
  };
  const visitor = {
    username: userOf(req)?.username,
    cart: session?.cart,
    path: parts.path ?? req.path,
    csrf: session ? shop.csrf.token(req) : "",
    operator: isLocal(req),
    panel: session ? panelFacts(shop.sessionAtRest, req, may) : undefined,
    simulation: isLocal(req) ? shop.simulation?.isOn : undefined,
    story: {
      hasCart: cartCount(session?.cart) > 0,
      isLoggedIn: userOf(req) !== undefined,
      wasRestarted: req.query["restarted"] !== undefined,
      ...may,
      isLocal: isLocal(req),
    },
  };
  const notice = parts.notice || noticeOf(shop, req);
  res.type("html").send(page(visitor, { ...parts, notice, title: `${parts.title} · Holdfast` }));
}

/** What a button of the panel has just done. */
function noticeOf({ sessionAtRest, simulation }: Shop, { query }: Request): Piece {
  if (query["restarted"] !== undefined)
    return `Both workers have been replaced. This page came from worker ${sessionAtRest.worker}.`;
  if (query["visitors"] === undefined || !simulation) return undefined;
  return simulation.isOn
    ? html`The simulated visitors are coming in. Watch them in <a href="/operator/">the operator's console</a>.`
    : "The simulated visitors have been sent away.";
}
