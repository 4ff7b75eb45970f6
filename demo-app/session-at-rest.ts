/** The visitor's own session as it lies in Redis: read beside the session middleware, so nothing is changed by looking. */
import type { Request } from "express";
import type { PanelFacts } from "./views/session-panel.js";

/** The commands that looking takes. */
export interface LookingClient {
  get(key: string): Promise<unknown>;
  pTTL(key: string): Promise<unknown>;
}

export interface SessionAtRest {
  readonly client: LookingClient;
  /** The session middleware's `prefix`. */
  readonly prefix: string;
  /** The session middleware's `ttl`, in seconds; it counts where the cookie says nothing. */
  readonly ttl: number;
  /** Which process this is. */
  readonly worker: string;
}

/** What lies in Redis now: two commands, sent together. */
export async function lookAtSession({ client, prefix, worker }: SessionAtRest, req: Request) {
  const key = prefix + req.sessionID;
  const [stored, milliseconds] = await Promise.all([client.get(key), client.pTTL(key)]);
  const value = typeof stored === "string" ? stored : "";
  return {
    key: shortKey(prefix, req.sessionID),
    value: shown(value),
    bytes: Buffer.byteLength(value),
    millisecondsToLive: Math.max(0, Number(milliseconds)),
    worker,
  };
}

/** What this page is about to leave there: all that can be known before the page has gone out. */
export function panelFacts({ prefix, ttl, worker }: SessionAtRest, req: Request, canRestart: boolean): PanelFacts {
  const value = textOf(req.session);
  return {
    key: shortKey(prefix, req.sessionID),
    value: shown(value),
    bytes: Buffer.byteLength(value),
    secondsToLive: Math.ceil((req.session?.cookie?.maxAge ?? ttl * 1000) / 1000),
    worker,
    canRestart,
  };
}

/** A session that JSON cannot express is told of by the error page, which shows this panel too. */
function textOf(session: unknown): string {
  try {
    return JSON.stringify(session) ?? "";
  } catch {
    return "";
  }
}

/** Four characters of 32: enough to see it change at login, useless to anyone who reads over a shoulder. */
function shortKey(prefix: string, id: string): string {
  return `${prefix}${id.slice(0, 4)}…`;
}

/** Indented, with the innermost objects on one line each. What names the login is shortened, as the key is. */
function shown(value: string): string {
  try {
    const indented = JSON.stringify(JSON.parse(value, shortenLogin), null, 2);
    return indented.replace(/\{[^{}]*\}/g, (innermost) => innermost.replace(/\n\s*/g, " "));
  } catch {
    return value;
  }
}

/** For `JSON.parse`: goes through a session and shortens the random names in `login`. */
function shortenLogin(key: string, value: unknown): unknown {
  if (key !== "login" || typeof value !== "object" || value === null) return value;
  const short = (name: unknown) => (typeof name === "string" ? `${name.slice(0, 4)}…` : name);
  const { device, epoch } = value as Record<string, unknown>;
  return { ...value, device: short(device), epoch: short(epoch) };
}
