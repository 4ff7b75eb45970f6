/**
 * Protection against forged requests, without a token or a session: the browser itself says where a form was sent from.
 * All browsers since 2020 send `Origin` with a POST, and `Sec-Fetch-Site` on https and on this machine. The idea is that
 * of CrossOriginProtection in Go's net/http; but what says neither is refused, too.
 */
import type { IncomingMessage } from "node:http";

export function isSameOrigin(req: IncomingMessage): boolean {
  const site = req.headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin";
  const { origin, host } = req.headers;
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}
