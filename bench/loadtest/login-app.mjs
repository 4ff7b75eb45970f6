// The site of the login storm, once on Holdfast with everything at its default, once on express-session with
// connect-pg-simple and passport-local. Both hash passwords with argon2id at the same cost, have the same pages and a cart.
import { createServer } from "node:http";
import express from "express";
import { tell } from "../answers.mjs";
import { notePageView, sampleSession } from "../session.mjs";
import { databaseSite } from "./login-site-database.mjs";
import { holdfastSite } from "./login-site-holdfast.mjs";

const { variant, redisUrl, postgresUrl } = JSON.parse(process.argv[2]);

const app = express().disable("x-powered-by").set("trust proxy", 1); // every visitor has an address
const site = variant === "holdfast" ? await holdfastSite(redisUrl) : await databaseSite(postgresUrl);
app.use(site.middleware, express.json());
app.post("/register", site.register);
app.post("/login", site.logIn);
app.post("/logout", site.logOut);
app.get("/page/:number", (req, res) => {
  req.session.pageViews = (req.session.pageViews ?? 0) + 1;
  req.session.currentPage = req.originalUrl;
  res.send(`<h1>Page ${req.params.number}</h1><p>Hello ${req.user?.username ?? "stranger"}`);
});
app.post("/cart", (req, res) => {
  if (!req.user) return res.status(401).json({ error: "log in first" });
  const cart = (req.session.cart ??= {});
  cart[req.body.item] = (cart[req.body.item] ?? 0) + 1;
  res.json({ ok: true });
});
// The crowd that looks at pages meanwhile.
app.get("/new", (req, res) => {
  Object.assign(req.session, sampleSession(Number(req.query.visitor)));
  delete req.session.passport; // nobody is logged in here
  res.send("made");
});
app.get("/write", (req, res) => {
  notePageView(req.session, req.originalUrl);
  res.send(`views=${req.session.pageViews}`);
});
app.get("/read", (req, res) => res.send(`views=${req.session.pageViews}`));
app.use((error, _req, res, _next) => {
  res.status(error.status ?? 500).json({ error: error.code ?? error.message });
});
const server = createServer(app).listen(0, "127.0.0.1", () => tell({ port: server.address().port }));
