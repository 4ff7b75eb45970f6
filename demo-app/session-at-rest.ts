/** The visitor's own session as stored: read without the session middleware, so that reading changes nothing. */
import type { Request } from "express";
import type { Home } from "holdfast/migrate";
import type { TwoStores } from "./move/two-stores.js";
import type { PanelFacts, PanelRights } from "./views/session-panel.js";

/** The commands needed to read a session. */
interface LookingClient {
  get(key: string): Promise<unknown>;
  pTTL(key: string): Promise<unknown>;
}

export interface SessionAtRest {
  readonly client: LookingClient;
  /** The session middleware's `prefix`. */
  readonly prefix: string;
  /** The session middleware's `ttl`, in seconds; used if the cookie has no `maxAge`. */
  readonly ttl: number;
  /** Which process this is. */
  readonly worker: string;
  /** Both stores, while the shop migrates from one to the other. */
  readonly stores: TwoStores | undefined;
}

/** What is stored now. */
export async function lookAtSession(place: SessionAtRest, req: Request) {
  const home = homeOf(place, req);
  const { value, milliseconds } = await (home === "legacy" ? inDatabase(place, req) : inRedis(place, req));
  return {
    key: shortKey(place.prefix, req.sessionID),
    value: shown(value),
    bytes: Buffer.byteLength(value),
    millisecondsToLive: Math.max(0, milliseconds),
    worker: place.worker,
    home: storeNames[home],
  };
}

/** The names that visitors see. */
const storeNames: Record<Home, string> = { legacy: "PostgreSQL", redis: "Redis" };

/** The home of this visitor's session. */
function homeOf({ stores }: SessionAtRest, req: Request): Home {
  return stores ? stores.store.homeOf(req.sessionID) : "redis";
}

/** Two commands, sent together. */
async function inRedis({ client, prefix }: SessionAtRest, req: Request) {
  const key = prefix + req.sessionID;
  const [stored, milliseconds] = await Promise.all([client.get(key), client.pTTL(key)]);
  return { value: typeof stored === "string" ? stored : "", milliseconds: Number(milliseconds) };
}

async function inDatabase({ stores }: SessionAtRest, req: Request) {
  const row = (await stores?.source.find([req.sessionID]))?.get(req.sessionID);
  return { value: row?.text ?? "", milliseconds: row ? row.expires - Date.now() : 0 };
}

/** What this page is about to store: all that is known before the page is sent. */
export function panelFacts(place: SessionAtRest, req: Request, may: PanelRights): PanelFacts {
  const { prefix, ttl, worker, stores } = place;
  const value = textOf(req.session);
  return {
    key: shortKey(prefix, req.sessionID),
    value: shown(value),
    bytes: Buffer.byteLength(value),
    secondsToLive: Math.ceil((req.session?.cookie?.maxAge ?? ttl * 1000) / 1000),
    worker,
    ...may,
    home: storeNames[homeOf(place, req)],
    isMoving: stores !== undefined,
  };
}

/** If JSON cannot express the session, the error page says so, and it shows this panel too. */
function textOf(session: unknown): string {
  try {
    return JSON.stringify(session) ?? "";
  } catch {
    return "";
  }
}

/** Four characters of 32: enough to see it change at login, useless to anyone looking over the visitor's shoulder. */
function shortKey(prefix: string, id: string): string {
  return `${prefix}${id.slice(0, 4)}…`;
}

/** Indented, with the innermost objects on one line each. Names that identify the login are shortened, like the key. */
function shown(value: string): string {
  try {
    const indented = JSON.stringify(JSON.parse(value, shortenLogin), null, 2);
    return indented.replace(/\{[^{}]*\}/g, (innermost) => innermost.replace(/\n\s*/g, " "));
  } catch {
    return value;
  }
}

/** A reviver for `JSON.parse` that shortens the random names in `login`. */
function shortenLogin(key: string, value: unknown): unknown {
  if (key !== "login" || typeof value !== "object" || value === null) return value;
  const short = (name: unknown) => (typeof name === "string" ? `${name.slice(0, 4)}…` : name);
  const { device, epoch } = value as Record<string, unknown>;
  return { ...value, device: short(device), epoch: short(epoch) };
}
