// CSRF tokens, flash messages, uploads: what keeps something in the session, or reads a body after it.
import { strict as assert } from "node:assert";
import { sum } from "holdfast";
import { answerErrors, count, neighbor, open, refusesWhileFull, require, secret, sessions, tell } from "./bench.mjs";

const form = (fields) => new URLSearchParams(fields);

for (const [name, guard] of [
  ["csurf", () => require("csurf")()],
  ["lusca", () => require("lusca").csrf()],
])
  await neighbor(name, async (express) => {
    const app = express().use(sessions(), express.urlencoded({ extended: false }), guard());
    app.get("/form", (req, res) => res.send(req.csrfToken()));
    app.post("/form", (req, res) => res.send("done"));
    app.use(answerErrors);
    const visitor = await open(app);
    await visitor.ask("/form");
    const tabs = await Promise.all([1, 2, 3].map(() => visitor.ask("/form")));
    for (const { text } of tabs) assert.equal((await visitor.post("/form", form({ _csrf: text }))).text, "done");
    assert.equal((await visitor.post("/form", form({ _csrf: "forged" }))).status, 403);
  });

await neighbor("csrf-sync", async (express) => {
  const { generateToken, csrfSynchronisedProtection } = require("csrf-sync").csrfSync();
  const app = express().use(sessions());
  app.get("/form", (req, res) => res.send(generateToken(req)));
  app.post("/form", csrfSynchronisedProtection, (req, res) => res.send("done"));
  app.use(answerErrors);
  const visitor = await open(app);
  const { text } = await visitor.ask("/form");
  assert.equal((await visitor.post("/form", "", { "x-csrf-token": text })).text, "done");
  assert.equal((await visitor.post("/form", "")).status, 403);
});

await neighbor("csrf-csrf", async (express) => {
  const { generateCsrfToken, doubleCsrfProtection } = require("csrf-csrf").doubleCsrf({
    getSecret: () => secret,
    getSessionIdentifier: (req) => req.sessionID,
    cookieName: "token",
    cookieOptions: { secure: false },
  });
  const app = express().use(sessions(), require("cookie-parser")());
  app.get("/empty", (req, res) => res.send(generateCsrfToken(req, res)));
  app.get("/form", (req, res) => {
    req.session.hasForm = true;
    res.send(generateCsrfToken(req, res));
  });
  app.post("/form", doubleCsrfProtection, (req, res) => res.send("done"));
  app.use(answerErrors);
  for (const [path, status] of [
    ["/empty", 403], // an empty session is not kept: the next request has another id, as docs say
    ["/form", 200],
  ]) {
    const visitor = await open(app);
    const { text } = await visitor.ask(path);
    assert.equal((await visitor.post("/form", "", { "x-csrf-token": text })).status, status, path);
  }
});

await neighbor("connect-flash", async (express) => {
  const app = express().use(sessions(), require("connect-flash")());
  app.get("/save", (req, res) => {
    req.flash("info", "saved");
    res.redirect("/");
  });
  app.get("/", (req, res) => res.json(req.flash("info")));
  app.use(answerErrors);
  const visitor = await open(app);
  for (let time = 0; time < 20; time++) {
    await visitor.ask("/save");
    assert.equal((await visitor.ask("/")).text, '["saved"]');
    assert.equal((await visitor.ask("/")).text, "[]");
  }
});

const upload = () => {
  const data = new FormData();
  data.set("title", "tea");
  data.set("file", new Blob([Buffer.alloc(5_000_000, 1)]), "tea.bin");
  return data;
};
const multer = require("multer");
for (const [name, parse, sizeOf] of [
  ["multer", () => multer({ storage: multer.memoryStorage() }).single("file"), ({ file }) => file.size],
  ["express-fileupload", () => require("express-fileupload")(), ({ files }) => files.file.size],
])
  await neighbor(name, async (express) => {
    const app = express().use(sessions({ merge: { views: sum } }), parse());
    app.post("/", (req, res) => res.json([sizeOf(req), req.body.title, count(req)]));
    app.use(answerErrors);
    const visitor = await open(app);
    assert.equal((await visitor.post("/", upload())).text, '[5000000,"tea",1]');
    await Promise.all([1, 2, 3].map(() => visitor.post("/", upload())));
    assert.equal((await visitor.post("/", upload())).text, '[5000000,"tea",5]');
    await refusesWhileFull(() => visitor.post("/", upload()));
  });

tell();
