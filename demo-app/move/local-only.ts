/** Who may see the operator's page: whoever sits at the machine that the shop runs on. */
import type { NextFunction, Request, Response } from "express";
import { Refused } from "../refused.js";

/**
 * The connection comes from this very machine, through no proxy, to a name of this machine: another site's name that
 * was made to point here is not one.
 */
export function isLocal(req: Request): boolean {
  const isThisMachine = /^(127\.|::1$|::ffff:127\.)/.test(req.socket.remoteAddress ?? "");
  const isForwarded = ["Forwarded", "X-Forwarded-For", "Via"].some((name) => req.get(name) !== undefined);
  const isOwnName = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i.test(req.get("Host") ?? "");
  return isThisMachine && !isForwarded && isOwnName;
}

export function localOnly(req: Request, _res: Response, next: NextFunction): void {
  if (!isLocal(req)) throw new Refused(403, "The operator's page answers only on the machine that the shop runs on.");
  next();
}
