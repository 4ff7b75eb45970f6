/** Kinds of responses: Node.js' own, one that cannot be held back, and an object that only fills the place of one. */
import type { ServerResponse } from "node:http";

/** A response of `http` or `http2`, or an equivalent: it can be held until the session is saved. */
export function isFull(res: ServerResponse): boolean {
  try {
    return (
      typeof res.headersSent === "boolean" &&
      typeof res.writeHead === "function" &&
      typeof res.write === "function" &&
      typeof res.end === "function" &&
      typeof res.setHeader === "function" &&
      typeof res.getHeader === "function"
    );
  } catch {
    return false; // a Proxy, say
  }
}

/** It can be started or ended, but no more. engine.io creates one for the handshake of a WebSocket. */
export function canAnswer(res: Partial<ServerResponse>): boolean {
  return typeof res.writeHead === "function" || typeof res.end === "function";
}
