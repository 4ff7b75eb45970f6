/** A real Redis, a legacy store in memory, and sites on both, for the tests of the move. */
import session from "express-session";
import { redisSession, RedisSessionStore, type RedisSessionStoreOptions } from "holdfast";
import { bucketOf, MigratingStore, Move, MoveControl, type MigratingStoreOptions } from "holdfast/migrate";
import type { RedisClientType } from "redis";
import { expect } from "vitest";
import { secret } from "../promises/candidates.js";
import type { TestRedis } from "../support/servers/redis-server.js";
import { startSite, Visitor, type Handler, type Middleware, type Site } from "../support/web-site.js";
import { FickleStore } from "./fickle-store.js";

export interface Process {
  store: MigratingStore;
  redis: RedisSessionStore;
  site: Site;
  close(): Promise<void>;
}

export interface TwoStores {
  /** The move's key. */
  key: string;
  client: RedisClientType;
  legacy: FickleStore;
  control: MoveControl;
  move: Move;
  /** As the command has it. */
  redis: RedisSessionStore;
  /** Another process of the app, as far as the move can tell. */
  process(options?: ProcessOptions): Promise<Process>;
  /** Brings the move to where the dial stands so, without comparing. */
  turnTo(dial: number): Promise<void>;
  /** The session's values in Redis, or undefined. */
  inRedis(sid: string): Promise<Record<string, any> | undefined>;
  close(): Promise<void>;
}

interface ProcessOptions extends Pick<MigratingStoreOptions, "legacyTimeout"> {
  middleware?: "redisSession" | "express-session";
  layout?: "json" | "hash";
  handler?: Handler;
  maxAge?: number;
  client?: RedisClientType;
  commandTimeout?: number;
}

/** Every move in these tests has a key and a prefix of its own, so that all share one server. */
let moves = 0;

export async function twoStores(
  server: TestRedis,
  options: Partial<RedisSessionStoreOptions> = {},
): Promise<TwoStores> {
  const client = await server.client();
  const n = ++moves;
  const [key, prefix] = [`{move-${n}}`, `s${n}:`];
  const legacy = new FickleStore();
  const redis = new RedisSessionStore({ client, prefix, ...options });
  const control = new MoveControl(client as never, { key });
  const move = new Move(control, { silence: 2 });
  const processes: Process[] = [];
  return {
    key,
    client,
    legacy,
    control,
    move,
    redis,
    async process({ middleware = "redisSession", handler = shop, maxAge, legacyTimeout, ...rest } = {}) {
      const own = new RedisSessionStore({ client, prefix, ...options, ...rest } as RedisSessionStoreOptions);
      const store = new MigratingStore({
        legacy,
        redis: own,
        key,
        ...(legacyTimeout !== undefined && { legacyTimeout }),
      });
      const cookie = maxAge === undefined ? {} : { maxAge };
      const sessions =
        middleware === "redisSession"
          ? redisSession({ store, secret, cookie })
          : session({ store, secret, cookie, resave: false, saveUninitialized: false });
      const site = await startSite(sessions as unknown as Middleware, handler);
      const process = {
        store,
        redis: own,
        site,
        async close() {
          await site.close();
          await store.close();
        },
      };
      processes.push(process);
      return process;
    },
    async turnTo(dial) {
      if ((await control.read()).phase === "off") await move.start();
      await move.noteVerified((await control.read()).version);
      await move.turn(dial);
    },
    async inRedis(sid) {
      return (await redis.get(sid)) ?? undefined;
    },
    async close() {
      legacy.release();
      legacy.slowness = 0;
      await Promise.all(processes.map((process) => process.close()));
    },
  };
}

/** Logs in and out, and keeps things; `/slow` holds its session for as long as `gate` is closed. */
const shop: Handler = async (req, res, url) => {
  const s = req.session;
  const name = url.searchParams.get("name") ?? "";
  switch (url.pathname) {
    case "/login":
      await new Promise<void>((resolve, reject) => s.regenerate((error) => (error ? reject(error) : resolve())));
      req.session["user"] = name;
      return void res.end("in");
    case "/logout":
      await new Promise<void>((resolve, reject) => s.destroy((error) => (error ? reject(error) : resolve())));
      return void res.end("out");
    case "/put":
      await gateOf(url);
      s["things"] = { ...s["things"], [name]: true };
      return void res.end("put");
    case "/look":
      return void res.end(JSON.stringify({ user: s["user"] ?? null, things: Object.keys(s["things"] ?? {}).sort() }));
    default:
      return void res.end();
  }
};

const gates = new Map<string, { reached: () => void; opened: Promise<void> }>();

async function gateOf(url: URL): Promise<void> {
  const gate = gates.get(url.searchParams.get("gate") ?? "");
  gate?.reached();
  await gate?.opened;
}

/** A point in `/put?gate=name` where a request waits, with its session loaded. */
export function gate(name: string): { reached: Promise<void>; open(): void } {
  let [open, reached] = [() => {}, () => {}];
  const opened = new Promise<void>((resolve) => (open = resolve));
  const arrival = new Promise<void>((resolve) => (reached = resolve));
  gates.set(name, { reached, opened });
  return { reached: arrival, open };
}

export interface Look {
  user: string | null;
  things: string[];
}

export async function look(visitor: Visitor): Promise<Look> {
  const { status, body } = await visitor.get("/look");
  expect(status).toBe(200);
  return JSON.parse(body) as Look;
}

/** A visitor who is logged in, and whose session has its home on the wanted side of `dial`. */
export async function loggedIn(site: Site, name: string, wanted?: { below?: number; from?: number }): Promise<Visitor> {
  for (;;) {
    const visitor = new Visitor(site);
    expect((await visitor.get(`/login?name=${name}`)).status).toBe(200);
    const bucket = bucketOf(visitor.id);
    if (bucket < (wanted?.below ?? 100) && bucket >= (wanted?.from ?? 0)) return visitor;
  }
}
