// A shop of two processes behind one port, on connect-pg-simple and, as it moves, on Redis too. A process that dies is
// started again. Arguments: port, the url of PostgreSQL, the built package, and the url of Redis; without, the old shop.
import cluster from "node:cluster";
import { createServer } from "node:http";
import pgSimple from "connect-pg-simple";
import session from "express-session";
import pg from "pg";

const [port, database, library, redis] = process.argv.slice(2);
if (cluster.isPrimary) {
  const tell = (worker) => worker.on("listening", () => process.send({ pid: worker.process.pid }));
  for (let i = 0; i < 2; i++) tell(cluster.fork());
  cluster.on("exit", () => tell(cluster.fork()));
  process.on("disconnect", () => process.exit());
} else {
  const { redisSession, RedisSessionStore, connectToRedis } = await import(`${library}/index.js`);
  const pool = new pg.Pool({ connectionString: database, max: 10 });
  pool.on("error", () => {}); // connections end with the server
  const legacy = new (pgSimple(session))({ pool, pruneSessionInterval: false, errorLog() {} });
  const secret = "a secret for tests, long enough not to be warned of";
  const options = { secret, resave: false, saveUninitialized: false, cookie: { maxAge: 3_600_000 } };
  let sessions;
  if (redis) {
    const { MigratingStore } = await import(`${library}/migrate/index.js`);
    const { client } = connectToRedis({ url: redis });
    const store = new MigratingStore({ legacy, redis: new RedisSessionStore({ client }) });
    sessions = redisSession({ ...options, store });
  } else sessions = session({ ...options, store: legacy });

  const done = (start) => new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
  const routes = {
    async "/login"(req, res, value) {
      await done((callback) => req.session.regenerate(callback));
      Object.assign(req.session, { user: value, cart: [], note: "x".repeat(500) });
      res.end("in");
    },
    async "/add"(req, res, value) {
      if (!req.session.user) return void res.writeHead(401).end();
      req.session.cart = [...req.session.cart, value];
      res.end("added");
    },
    async "/logout"(req, res) {
      await done((callback) => req.session.destroy(callback));
      res.end("out");
    },
    async "/page"(req, res) {
      const { user = null, cart = [] } = req.session;
      res.end(JSON.stringify({ user, cart }));
    },
  };
  const server = createServer((req, res) => {
    const fail = (error) => {
      if (res.headersSent) return void res.destroy();
      res.writeHead(error.status ?? 500).end(error.message);
    };
    sessions(req, res, (error) => {
      if (error) return fail(error);
      const url = new URL(req.url, "http://shop");
      routes[url.pathname](req, res, url.searchParams.get("value")).catch(fail);
    });
  });
  // Longer than any visitor pauses. Node.js closes idle connections after seconds, and a request that is sent in that very
  // moment gets a reset: on a busy machine that happened to a visitor now and then, whatever the session store did.
  server.keepAliveTimeout = 120_000;
  server.listen(Number(port), "127.0.0.1");
}
