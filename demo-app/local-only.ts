/** Limits some actions to the machine that the shop runs on: turning the dial, restarting the workers. */
import type { NextFunction, Request, Response } from "express";
import { Refused } from "./refused.js";

/** Headers that proxies add, and no browser: `Forwarded`, `X-Forwarded-Proto`, `X-Real-IP`, `CF-Connecting-IP` and so on. */
const proxyHeader = /^(forwarded|via)$|^x-(forwarded|original|envoy|arr|amzn)|ip$/;

/**
 * The connection comes from this machine, through no proxy, to a name of this machine. The name of another site that
 * was made to resolve to this machine does not count. nginx, set up with `proxy_pass` alone, adds no header and
 * replaces the name; only its HTTP/1.0 gives it away.
 */
export function isLocal(req: Request): boolean {
  const isThisMachine = /^(127\.|::1$|::ffff:127\.)/.test(req.socket.remoteAddress ?? "");
  const isForwarded = req.httpVersion === "1.0" || Object.keys(req.headers).some((name) => proxyHeader.test(name));
  const isOwnName = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i.test(req.get("Host") ?? "");
  return isThisMachine && !isForwarded && isOwnName;
}

export function localOnly(req: Request, _res: Response, next: NextFunction): void {
  if (!isLocal(req)) throw new Refused(403, "This is only available on the machine that the shop runs on.");
  next();
}
