// What is compared: each variant makes a middleware, and the store behind it, in an app process of its own.
import { createHash, randomBytes } from "node:crypto";
import session from "express-session";
import { sessionOfSize } from "./session.mjs";

const secret = "only for this benchmark, thirty-two characters";
const cookie = { maxAge: 3600_000 };
const plain = { secret, cookie, resave: false, saveUninitialized: false };

/**
 * `server`: what keeps the sessions, so that its commands and its log can be counted. `onRequest`: not measured unless
 * asked for. Each variant has keys of its own.
 */
export const variants = [
  { name: "no sessions", make: noSessions },
  { name: "connect-redis", server: "redis", make: connectRedis },
  { name: "floor", server: "redis", make: floor },
  { name: "json", server: "redis", make: (at) => holdfast(at, { layout: "json" }) },
  { name: "hash", server: "redis", make: (at) => holdfast(at, { layout: "hash" }) },
  { name: "json+near", server: "redis", make: (at) => holdfast(at, { layout: "json", nearCache }) },
  { name: "hash+near", server: "redis", make: (at) => holdfast(at, { layout: "hash", nearCache }) },
  { name: "json+metrics", server: "redis", make: withMetrics, onRequest: true },
  { name: "json+pulse", server: "redis", make: withPulse, onRequest: true },
  { name: "json, other build", server: "redis", make: (at) => holdfast(at, { layout: "json" }, at.other) },
  { name: "store only", server: "redis", make: storeOnly },
  { name: "MemoryStore", make: memory },
  { name: "json, compressed", server: "redis", make: (at) => holdfast(at, { layout: "json", compress: true }) },
  { name: "hash, compressed", server: "redis", make: (at) => holdfast(at, { layout: "hash", compress: true }) },
  { name: "json, encrypted", server: "redis", make: (at) => holdfast(at, { layout: "json", encrypt }) },
  { name: "hash, encrypted", server: "redis", make: (at) => holdfast(at, { layout: "hash", encrypt }) },
  {
    name: "json, compressed and encrypted",
    server: "redis",
    make: (at) => holdfast(at, { layout: "json", compress: true, encrypt }),
  },
  { name: "json, ids hashed", server: "redis", make: (at) => holdfast(at, { layout: "json", hashIds: true }) },
  { name: "connect-pg-simple", server: "postgres", make: connectPgSimple },
  { name: "cookie-session", make: inCookie },
];

/** All processes of a run must have the same. */
const encrypt = createHash("sha256").update(secret).digest();
const nearCache = { maxEntries: 10_000, ttl: 60 };

/** The same handler, with a session that is simply there. */
function noSessions({ bytes }) {
  const one = sessionOfSize(0, bytes);
  const middleware = (req, _res, next) => {
    req.session = one;
    next();
  };
  return { middleware };
}

async function connectRedis({ redisUrl, prefix }) {
  const { RedisStore } = await import("connect-redis");
  const store = new RedisStore({ client: await redisClient(redisUrl), prefix });
  return { middleware: session({ ...plain, store }), store };
}

/**
 * The least that a session in Redis can cost: a GET and a parse before the page, one text after it, and a SET before the
 * answer if that text is another. No signature, no merge, no deadline, no lifetime: what Holdfast is measured against.
 */
async function floor({ redisUrl, prefix }) {
  const client = await redisClient(redisUrl);
  const expiration = { type: "EX", value: 3600 };
  function middleware(req, res, next) {
    const sid = /floor=(\w+)/.exec(req.headers.cookie ?? "")?.[1];
    if (sid) void client.get(prefix + sid).then((text) => begin(req, res, next, sid, text), next);
    else {
      const id = randomBytes(16).toString("hex");
      res.setHeader("Set-Cookie", `floor=${id}`);
      begin(req, res, next, id, null);
    }
  }
  function begin(req, res, next, sid, before) {
    req.session = before === null ? {} : JSON.parse(before);
    const { end } = res;
    res.end = function (...args) {
      const text = JSON.stringify(req.session);
      if (text === before) return end.apply(res, args);
      void client.set(prefix + sid, text, { expiration }).then(() => end.apply(res, args), next);
      return res;
    };
    next();
  }
  return { middleware };
}

/** `redisSession()` as the README has it, with a connection of its own; a counter has the rule for counters. */
async function holdfast({ redisUrl, clusterNodes, prefix }, options, build = "holdfast") {
  const { redisSession, sum } = await import(build);
  const merge = { pageViews: sum };
  const where = clusterNodes ? { cluster: { nodes: clusterNodes } } : { url: redisUrl };
  const middleware = redisSession({ ...where, secret, cookie, prefix, merge, ...options });
  await middleware.ready();
  return { middleware, store: middleware.store };
}

/** The price of counting what happens. */
async function withMetrics(at) {
  const { metrics } = await import("holdfast/ops");
  const made = await holdfast(at, { layout: "json" });
  await metrics(made.middleware);
  return made;
}

/** The price of a pulse, as often as it can be had. */
async function withPulse(at) {
  const { pulse } = await import("holdfast/ops");
  const made = await holdfast(at, { layout: "json" });
  pulse(made.middleware, { interval: 1000 });
  return made;
}

/** `RedisSessionStore` inside express-session's own middleware. */
async function storeOnly({ redisUrl, prefix }) {
  const { RedisSessionStore } = await import("holdfast");
  const store = new RedisSessionStore({ client: await redisClient(redisUrl), prefix });
  return { middleware: session({ ...plain, store }), store };
}

function memory() {
  // oxlint-disable-next-line no-console -- that it is not made for production is known here
  console.warn = () => {};
  const store = new session.MemoryStore();
  return { middleware: session({ ...plain, store }), store };
}

/** The session is in the cookie itself: no server, and no way to end a session or to merge what overlaps. */
async function inCookie() {
  const { default: cookieSession } = await import("cookie-session");
  return { middleware: cookieSession({ secret, maxAge: cookie.maxAge }) };
}

async function connectPgSimple({ postgresUrl, postgresConnections }) {
  const [{ default: connectPg }, { default: pg }] = await Promise.all([import("connect-pg-simple"), import("pg")]);
  const pool = new pg.Pool({ connectionString: postgresUrl, max: postgresConnections });
  const store = new (connectPg(session))({ pool, createTableIfMissing: true, pruneSessionInterval: false });
  return { middleware: session({ ...plain, store }), store };
}

async function redisClient(url) {
  const { createClient } = await import("redis");
  const client = createClient({ url });
  client.on("error", () => {});
  await client.connect();
  return client;
}
