// What is an app, a server or a router of its own, or asks the session who the visitor is.
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { connect, createServer } from "node:http2";
import { sum } from "holdfast";
import { localAuth } from "holdfast/auth";
import {
  answerErrors,
  count,
  neighbor,
  open,
  refusesWhileFull,
  require,
  secret,
  sessions,
  tell,
  whileFull,
} from "./bench.mjs";

const { Strategy: Local } = require("passport-local");
const { Strategy: Custom } = require("passport-custom");
for (const name of ["passport", "passport06"])
  for (const withLogins of [false, true])
    await neighbor(`${name}, two strategies${withLogins ? ", holdfast/auth" : ""}`, async (express) => {
      const passport = new (require(name).Passport)();
      const ada = { id: "ada" };
      passport.use(new Local((_name, password, done) => done(null, password === "right" && ada, { message: "wrong" })));
      passport.use(
        "saml",
        new Custom(({ body }, done) => done(null, body.SAMLResponse ? { id: body.SAMLResponse } : false)),
      );
      passport.serializeUser((user, done) => done(null, user));
      passport.deserializeUser((user, done) => done(null, user));
      const own = sessions();
      const app = express().use(own, express.json(), require("connect-flash")());
      if (withLogins) app.use(localAuth({ sessions: own }).middleware);
      app.use(passport.session());
      app.post("/cart", (req, res) => ((req.session.cart = "tea"), res.send("put")));
      const local = { failureRedirect: "/", failureFlash: true, successRedirect: "/", keepSessionInfo: true };
      app.post("/login", passport.authenticate("local", local));
      app.post("/either", passport.authenticate(["saml", "local"]), (req, res) => res.send("in"));
      app.post("/logout", (req, res, next) => req.logout((error) => (error ? next(error) : res.send("out"))));
      app.get("/", (req, res) => res.json([req.user?.id, req.session.cart, req.flash("error")]));
      app.use(answerErrors);
      const visitor = await open(app);
      await visitor.postJson("/cart", {});
      const before = visitor.cookies.get("connect.sid");
      await visitor.postJson("/login", { username: "ada", password: "wrong" });
      assert.equal((await visitor.ask("/")).text, '[null,"tea",["wrong"]]');
      await visitor.postJson("/login", { username: "ada", password: "right" });
      assert.equal((await visitor.ask("/")).text, '["ada","tea",[]]');
      assert.notEqual(visitor.cookies.get("connect.sid"), before);
      await visitor.postJson("/logout", {});
      assert.equal((await visitor.ask("/")).text, "[null,null,[]]");
      await visitor.postJson("/either", { SAMLResponse: "grace" });
      assert.equal((await visitor.ask("/")).text, '["grace",null,[]]');
      await visitor.postJson("/either", { username: "ada", password: "right" });
      assert.equal((await visitor.ask("/")).text, '["ada",null,[]]');
      const other = await open(app);
      await refusesWhileFull(() => other.postJson("/login", { username: "ada", password: "right" }));
    });

await neighbor("express-rate-limit, by session", async (express) => {
  const { rateLimit } = require("express-rate-limit");
  const app = express().use(
    sessions(),
    rateLimit({ windowMs: 60_000, limit: 2, keyGenerator: (req) => req.sessionID }),
  );
  app.get("/", (req, res) => res.json(count(req)));
  const visitor = await open(app);
  const statuses = [];
  for (let time = 0; time < 4; time++) statuses.push((await visitor.ask("/")).status);
  // The first request of a visitor has an id of its own. Without the cookie, each one has: docs say so.
  assert.deepEqual(statuses.slice(0, 2).concat(statuses.at(-1)), [200, 200, 429]);
  for (let time = 0; time < 4; time++) assert.equal((await visitor.ask("/", { headers: { cookie: "" } })).status, 200);
});

await neighbor(
  "Apollo Server",
  async (express) => {
    const { ApolloServer } = await import("@apollo/server");
    const { expressMiddleware } = await import("@as-integrations/express5");
    const resolvers = {
      Query: { views: (_parent, _args, { req }) => req.session.views },
      Mutation: { visit: (_parent, _args, { req }) => count(req) },
    };
    const server = new ApolloServer({ typeDefs: "type Query { views: Int } type Mutation { visit: Int }", resolvers });
    await server.start();
    const app = express().use(sessions({ merge: { views: sum } }));
    app.use("/graphql", express.json(), expressMiddleware(server, { context: async ({ req }) => ({ req }) }));
    app.use(answerErrors);
    await countsWithGraphql(await open(app));
    await server.stop();
  },
  [5],
);

await neighbor("graphql-http", async (express) => {
  const { createHandler } = require("graphql-http/lib/use/express");
  const schema = require("graphql").buildSchema("type Query { views: Int } type Mutation { visit: Int }");
  const rootValue = { views: (_args, { session }) => session.views, visit: (_args, context) => count(context) };
  const app = express().use(sessions({ merge: { views: sum } }));
  app.all("/graphql", createHandler({ schema, rootValue, context: ({ raw }) => ({ session: raw.session }) }));
  app.use(answerErrors);
  await countsWithGraphql(await open(app));
});

async function countsWithGraphql(visitor) {
  const query = (text) => visitor.postJson("/graphql", { query: text });
  await query("mutation { visit }");
  await Promise.all([1, 2, 3, 4].map(() => query("mutation { visit }")));
  assert.deepEqual(JSON.parse((await query("{ views }")).text), { data: { views: 5 } });
  await refusesWhileFull(() => query("mutation { visit }"));
}

await neighbor("i18next-http-middleware, language in the session", async (express) => {
  const { handle, LanguageDetector } = require("i18next-http-middleware");
  const detection = { order: ["querystring", "session"], caches: ["session"], lookupSession: "lng" };
  const resources = { en: { translation: { hi: "Hello" } }, de: { translation: { hi: "Hallo" } } };
  const i18next = require("i18next").createInstance().use(LanguageDetector);
  await i18next.init({ fallbackLng: "en", preload: ["en", "de"], resources, detection });
  const app = express().use(sessions(), handle(i18next));
  app.get("/", (req, res) => res.send(req.t("hi")));
  const visitor = await open(app);
  assert.equal((await visitor.ask("/?lng=de")).text, "Hallo");
  assert.equal((await visitor.ask("/")).text, "Hallo");
});

await neighbor("vhost, and an app in an app", async (express) => {
  const inner = express().use(sessions({ name: "inner.sid", prefix: "inner:" }));
  inner.get("/", (req, res) => res.json(count(req)));
  const app = express().use(require("vhost")("inner.example", inner)).use("/inner", inner).use(sessions());
  app.get("/", (req, res) => res.json(count(req)));
  const visitor = await open(app);
  for (const views of ["1", "2"]) assert.equal((await visitor.ask("/inner")).text, views);
  assert.equal((await visitor.ask("/")).text, "1");
});

await neighbor(
  "errors of async handlers in routers",
  async (express) => {
    const router = express.Router();
    router.get("/fails", async (req) => {
      count(req);
      throw new Error("on purpose");
    });
    const app = express().use(sessions()).use("/inner", router);
    app.get("/", (req, res) => res.json(req.session.views));
    app.use(answerErrors);
    const visitor = await open(app);
    assert.equal((await visitor.ask("/inner/fails")).status, 500);
    assert.equal((await visitor.ask("/")).text, "1");
    assert.equal((await whileFull(() => visitor.ask("/inner/fails"))).text, '{"error":"on purpose"}');
  },
  [5],
);

await neighbor(
  "Auth.js",
  async (express) => {
    const { ExpressAuth } = await import("@auth/express");
    const app = express().set("trust proxy", true).use(sessions());
    app.use("/auth/*", ExpressAuth({ trustHost: true, secret, providers: [] }));
    app.get("/", (req, res) => res.json(count(req)));
    const visitor = await open(app);
    await visitor.ask("/");
    assert.match((await visitor.ask("/auth/csrf")).text, /csrfToken/);
    assert.equal((await visitor.ask("/")).text, "2");
  },
  [4],
);

await neighbor(
  "Restify",
  async () => {
    const server = require("restify").createServer();
    server.use(sessions());
    server.get("/", (req, res, next) => {
      res.send({ views: count(req) });
      next();
    });
    server.get("/async", async (req, res) => void res.send({ views: count(req) }));
    server.on("restifyError", (req, res, error, done) => done());
    const visitor = await open(server.server);
    assert.equal((await visitor.ask("/")).text, '{"views":1}');
    assert.equal((await visitor.ask("/async")).text, '{"views":2}');
    for (const path of ["/", "/async"]) {
      const { status, headers } = await whileFull(() => visitor.ask(path));
      assert.deepEqual([status, headers.get("retry-after")], [503, "1"]);
    }
  },
  ["none"],
);

await neighbor(
  "HTTP/2",
  async () => {
    const own = sessions();
    const server = createServer((req, res) =>
      own(req, res, (error) => {
        if (error) return res.writeHead(error.status, error.headers).end(error.code);
        const views = String(count(req)); // before the head, which has the cookie
        res.writeHead(200, { "content-type": "text/plain" }).end(views);
      }),
    );
    await once(server.listen(0, "127.0.0.1"), "listening");
    const connection = connect(`http://127.0.0.1:${server.address().port}`);
    let cookie;
    const ask = async () => {
      const stream = connection.request({ ":path": "/", ...(cookie && { cookie }) });
      const [headers] = await once(stream, "response");
      cookie ??= headers["set-cookie"]?.[0].split(";")[0];
      let text = "";
      for await (const piece of stream) text += piece;
      return [headers[":status"], text];
    };
    assert.deepEqual(await ask(), [200, "1"]);
    assert.deepEqual(await ask(), [200, "2"]);
    assert.deepEqual(await whileFull(ask), [503, "SESSION_STORE_UNAVAILABLE"]);
    connection.close();
    server.close();
  },
  ["none"],
);

tell();
