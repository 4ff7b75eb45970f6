/** Kinds of responses: Node.js' own, one that cannot be held back, and an object that only fills the place of one. */
import type { IncomingMessage, ServerResponse } from "node:http";

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

/** How far a response can be used. */
export type ResponseKind = "full" | "prompt" | "none";

export function responseKind(res: ServerResponse, req: IncomingMessage): ResponseKind {
  if (isFull(res)) return isDetached(res, req) ? "none" : "full";
  return canAnswer(res) ? "prompt" : "none";
}

/**
 * It can send nothing: express-ws makes one up for a WebSocket whose handshake is over. A response of Node.js' server
 * may have no connection yet, but never to a handshake: those are not passed on as requests where WebSockets are served.
 */
function isDetached(res: Partial<ServerResponse>, { headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === "websocket" && res.socket === null;
}
