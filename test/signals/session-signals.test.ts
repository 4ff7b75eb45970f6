/** What is told about sessions, by each kind of store behind each middleware. */
import { RedisStore } from "connect-redis";
import session from "express-session";
import { MemoryStore, redisSession, RedisSessionStore } from "holdfast";
import { MigratingStore } from "holdfast/migrate";
import type { RedisClientType } from "redis";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { sessionLabel } from "../../lib/errors/index.js";
import { secret } from "../promises/candidates.js";
import { listen, namesOf } from "../support/heard.js";
import { useRedis } from "../support/servers/use-redis.js";
import { Meeting, startSite, Visitor, type Handler, type Middleware, type Site } from "../support/web-site.js";

const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});

const handler: Handler = async (req, res, url) => {
  const { session: values } = req;
  const done = (method: "save" | "destroy" | "reload") =>
    new Promise<void>((resolve, reject) => values[method]((error: unknown) => (error ? reject(error) : resolve())));
  if (url.pathname === "/count") values["count"] = (values["count"] ?? 0) + 1;
  if (url.pathname === "/look") void values["count"];
  if (url.pathname === "/fill") values["filling"] = "x".repeat(5000);
  if (url.pathname === "/logout") await done("destroy");
  if (url.pathname === "/slow") {
    values["slow"] = true;
    await arrived.arrive();
    await left.arrive();
  }
  res.end();
};

/** A request for "/slow" waits at both. */
let arrived: Meeting;
let left: Meeting;

/** A slow request that has loaded its session and changed it. */
async function slowRequest(site: Site, visitor: Visitor) {
  [arrived, left] = [new Meeting(2), new Meeting(2)];
  const answer = new Visitor(site, visitor.cookie).get("/slow");
  await arrived.arrive();
  return async () => {
    await left.arrive();
    await answer;
  };
}

interface Kind {
  name: string;
  make(): { middleware: Middleware; store: object };
  /** It merges, so overlapping changes are told as merged. */
  merges: boolean;
  /** It sees that a session is destroyed. */
  destroys: boolean;
}

const expressSession = (store: session.Store): Middleware =>
  session({ secret, store, resave: false, saveUninitialized: false }) as unknown as Middleware;
const ours = (options: object = {}) => new RedisSessionStore({ client, ...options });
const maxBytes = 4000;
const kinds: Kind[] = [
  {
    name: "redisSession",
    make() {
      const sessions = redisSession({ client, secret, maxBytes });
      return { middleware: sessions, store: sessions.store };
    },
    merges: true,
    destroys: true,
  },
  {
    name: "redisSession with layout hash",
    make() {
      const sessions = redisSession({ client, secret, layout: "hash", maxBytes });
      return { middleware: sessions, store: sessions.store };
    },
    merges: true,
    destroys: true,
  },
  {
    name: "express-session with RedisSessionStore",
    make() {
      const store = ours({ maxBytes });
      return { middleware: expressSession(store), store };
    },
    merges: true,
    destroys: true,
  },
  {
    name: "redisSession with a subclass that overrides `get`",
    make() {
      class Own extends RedisSessionStore {
        override get: RedisSessionStore["get"] = (sid, callback) => super.get(sid, callback);
      }
      const store = new Own({ client, maxBytes });
      return { middleware: redisSession({ store, secret }), store };
    },
    merges: true,
    destroys: true,
  },
  {
    name: "redisSession with MigratingStore",
    make() {
      const store = new MigratingStore({ legacy: new MemoryStore(), redis: ours() });
      onTestFinished(() => store.close());
      return { middleware: redisSession({ store, secret }), store };
    },
    merges: false, // a move that has not begun uses the legacy store
    destroys: true,
  },
  {
    name: "redisSession with connect-redis' store",
    make() {
      const store = new RedisStore({ client }) as unknown as session.Store;
      return { middleware: redisSession({ store, secret }), store };
    },
    merges: false,
    destroys: false, // express-session's session calls the store itself
  },
];

async function open({ make }: Kind) {
  const { middleware, store } = make();
  const site = await startSite(middleware, handler);
  onTestFinished(() => site.close());
  return { site, store, visitor: new Visitor(site) };
}

describe.each(kinds)("$name tells", (kind) => {
  it("each step of a session's life once, with the store and a hash of the id, but never the id", async () => {
    const { visitor, store } = await open(kind);
    const heard = listen("session:");
    await visitor.get("/count");
    await visitor.get("/count");
    await visitor.get("/look");
    await visitor.get("/logout");
    await visitor.get("/look");
    const expected = ["session:saved", "session:found", "session:saved", "session:found", "session:found"];
    if (kind.destroys) expected.push("session:destroyed");
    expect(namesOf(heard).filter((name) => !/unchanged|touched/.test(name))).toEqual([...expected, "session:missing"]);
    for (const { payload } of heard) {
      expect(payload["store"]).toBe(store);
      expect(payload["session"]).toBe(sessionLabel(visitor.id));
      expect(payload["duration"]).toBeGreaterThanOrEqual(0);
      expect(JSON.stringify({ ...payload, store: undefined })).not.toContain(visitor.id);
    }
  });

  it.runIf(kind.merges)("a change that was merged, and how many rounds it took", async () => {
    const { site, visitor } = await open(kind);
    await visitor.get("/count");
    const finishSlow = await slowRequest(site, visitor);
    await visitor.get("/count");
    const heard = listen("session:");
    await finishSlow();
    expect(namesOf(heard)).toEqual(["session:merged", "session:saved"]);
    expect(heard[0]!.payload["rounds"]).toBeGreaterThanOrEqual(1);
  });

  it.runIf(kind.merges)("a session that was not brought back", async () => {
    const { site, visitor } = await open(kind);
    await visitor.get("/count");
    const finishSlow = await slowRequest(site, visitor);
    await visitor.get("/logout");
    const heard = listen("session:");
    await finishSlow();
    expect(namesOf(heard)).toEqual(["session:gone"]);
  });

  it.runIf(kind.merges)("a session that is too large", async () => {
    const { visitor } = await open(kind);
    const heard = listen("session:");
    await visitor.get("/fill");
    expect(namesOf(heard)).toEqual(["session:too-large"]);
    expect(heard[0]!.payload).toMatchObject({ operation: "save", error: { code: "SESSION_TOO_LARGE" } });
  });

  it.runIf(kind.merges)("a session that is unreadable", async () => {
    const { visitor } = await open(kind);
    await visitor.get("/count");
    await client.set(`sess:${visitor.id}`, "nonsense");
    const heard = listen("session:unreadable");
    await visitor.get("/look");
    expect(namesOf(heard)).toEqual(["session:unreadable"]);
    expect(heard[0]!.payload["session"]).toBe(sessionLabel(visitor.id));
  });
});

it("redisSession tells whether the near cache or Redis answered", async () => {
  const sessions = redisSession({ url: redis.url, secret, nearCache: {} });
  onTestFinished(() => sessions.close());
  await sessions.ready();
  const site = await startSite(sessions, handler);
  onTestFinished(() => site.close());
  const visitor = new Visitor(site);
  await visitor.get("/count");
  const heard = listen("session:found");
  await expect
    .poll(async () => {
      await visitor.get("/look");
      return heard.at(-1)!.payload["from"];
    })
    .toBe("memory");
  expect(heard[0]!.payload["from"]).toBe("store");
});

it("redisSession tells of a lifetime that was refreshed, and of none that was not due", async () => {
  const sessions = redisSession({ client, secret, touchInterval: 0 });
  const site = await startSite(sessions, handler);
  onTestFinished(() => site.close());
  const visitor = new Visitor(site);
  await visitor.get("/count");
  const heard = listen("session:touched");
  await visitor.get("/look");
  await expect.poll(() => namesOf(heard)).toEqual(["session:touched"]);
  const rarely = redisSession({ client, secret, touchInterval: 100 });
  const other = await startSite(rarely, handler);
  onTestFinished(() => other.close());
  await new Visitor(other, visitor.cookie).get("/look");
  await new Visitor(other, visitor.cookie).get("/look");
  await sessions.close();
  await rarely.close();
  expect(heard.length).toBeLessThanOrEqual(2);
});

it("a middleware that becomes ready looks for no session", async () => {
  const heard = listen("session:");
  const sessions = redisSession({ client, secret });
  await sessions.ready();
  expect(heard).toEqual([]);
});
