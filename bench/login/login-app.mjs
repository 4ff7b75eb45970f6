// The site of login-load.mjs: logins with everything at its default, pages that write into the session, and a cart.
import { createServer } from "node:http";
import express from "express";
import { redisSession } from "holdfast";
import { activityRules, commonPasswords, localAuth, RedisAccounts, requireLogin, trackActivity } from "holdfast/auth";

const { url } = JSON.parse(process.argv[2]);
process.on("disconnect", () => process.exit());

const sessions = redisSession({ url, secret: "a secret of the benchmark, long enough", merge: activityRules });
await sessions.ready();
const accounts = new RedisAccounts({ client: sessions.client });
const auth = localAuth({ sessions, accounts, isCommonPassword: commonPasswords() });
const handlers = auth.json();
const app = express().disable("x-powered-by").set("trust proxy", 1); // every visitor has an address
app.use(sessions, auth.middleware, express.json());
app.post("/register", async (req, res) => {
  const result = await auth.register(req.body, req); // without the login, which is measured by itself
  res.status(result.ok ? 201 : 422).json(result);
});
app.post("/login", handlers.logIn);
app.post("/logout", handlers.logOut);
app.get("/page/:number", trackActivity(), (req, res) => {
  res.send(`<h1>Page ${req.params.number}</h1><p>Hello ${req.user?.username ?? "stranger"}`);
});
app.post("/cart", requireLogin(), (req, res) => {
  const cart = (req.session.cart ??= {});
  cart[req.body.item] = (cart[req.body.item] ?? 0) + 1;
  res.json({ ok: true });
});
app.use((error, _req, res, _next) => {
  process.stderr.write(`${error.stack}\n`);
  res.status(error.status ?? 500).json({ error: error.code });
});
const server = createServer(app).listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
