// What changes, wraps or replaces the response, or answers itself.
import { strict as assert } from "node:assert";
import { createReadStream, readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { answerErrors, count, neighbor, open, refusesWhileFull, require, secret, sessions, tell } from "./bench.mjs";

const file = require.resolve("express/package.json");
const fileText = readFileSync(file, "utf8");

for (const where of ["before", "after"])
  await neighbor(`compression ${where} the session`, async (express) => {
    const compression = require("compression")({ threshold: 0 });
    const app = express();
    app.use(where === "before" ? [compression, sessions()] : [sessions(), compression]);
    app.get("/", (req, res) => res.send("x".repeat(20_000) + count(req)));
    app.get("/stream", async (req, res) => {
      count(req);
      res.type("text/plain");
      for (let piece = 0; piece < 5; piece++) {
        res.write("y".repeat(1000));
        res.flush();
        await new Promise(setImmediate);
      }
      res.end("z");
    });
    app.get("/pipe", (req, res) => {
      count(req);
      createReadStream(file).pipe(res.type("text/plain"));
    });
    app.use(answerErrors);
    const visitor = await open(app);
    assert.match((await visitor.ask("/")).text, /^x{20000}1$/);
    const { text, headers } = await visitor.ask("/stream");
    assert.equal(text, `${"y".repeat(5000)}z`);
    assert.ok(headers.get("content-encoding"));
    assert.equal((await visitor.ask("/pipe")).text, fileText);
    for (const path of ["/", "/stream", "/pipe"]) await refusesWhileFull(() => visitor.ask(path));
    assert.match((await visitor.ask("/")).text, /^x{20000}4$/);
  });

await neighbor("helmet, cors, morgan, method-override", async (express) => {
  const lines = [];
  const log = require("morgan")(":status", { stream: { write: (line) => lines.push(line.trim()) } });
  const { default: helmet } = await import("helmet");
  const app = express().use(log, helmet(), require("cors")({ origin: true, credentials: true }));
  app.use(require("method-override")("_method"), sessions());
  app.put("/", (req, res) => res.json(count(req)));
  app.use(answerErrors);
  const visitor = await open(app);
  const put = () => visitor.post("/?_method=PUT", "", { origin: "https://shop.example" });
  assert.equal((await put()).text, "1");
  let refused;
  await refusesWhileFull(async () => (refused = await put()));
  assert.equal(refused.headers.get("access-control-allow-origin"), "https://shop.example");
  assert.ok(refused.headers.get("content-security-policy"));
  await new Promise(setImmediate);
  assert.deepEqual(lines, ["200", "503"]);
});

await neighbor("connect-timeout", async (express) => {
  const app = express().use(require("connect-timeout")("100ms"), sessions());
  app.get("/slow", (req) => void count(req));
  app.get("/", (req, res) => res.json(req.session.views));
  app.use(answerErrors);
  const visitor = await open(app);
  assert.equal((await visitor.ask("/slow")).status, 503);
  assert.equal((await visitor.ask("/")).text, "1");
});

await neighbor("http-proxy-middleware", async (express) => {
  const { createProxyMiddleware, fixRequestBody } = await import("http-proxy-middleware");
  const behind = createServer(async (req, res) => {
    let body = "";
    for await (const piece of req) body += piece;
    res.setHeader("Set-Cookie", ["one=1; Path=/", "two=2; Path=/"]).end(body);
  });
  const { url: target } = await open(behind);
  const counted = (req, res, next) => (count(req), next());
  const app = express().use(sessions());
  app.use("/api", counted, createProxyMiddleware({ target }));
  app.use("/json", express.json(), counted, createProxyMiddleware({ target, on: { proxyReq: fixRequestBody } }));
  app.use(answerErrors);
  const visitor = await open(app);
  const { text, sent } = await visitor.post("/api", "q".repeat(3_000_000));
  assert.equal(text.length, 3_000_000);
  assert.equal(sent.length, 3);
  assert.equal((await visitor.postJson("/json", { a: 1 })).text, '{"a":1}');
  await refusesWhileFull(() => visitor.post("/api", "q"));
});

await neighbor("writeHead, sendFile, 206, 304, HEAD, server-sent events", async (express) => {
  const app = express().use(sessions());
  app.get("/head", (req, res) => {
    count(req);
    res.writeHead(201, "Made", { "Set-Cookie": ["one=1", "two=2"] }).end("made");
  });
  app.get("/file", (req, res) => {
    count(req);
    res.sendFile(file);
  });
  app.get("/text", (req, res) => {
    count(req);
    res.send("always the same");
  });
  app.get("/events", (req, res) => {
    count(req);
    res.writeHead(200, { "Content-Type": "text/event-stream" });
    res.write("data: 1\n\n");
    setImmediate(() => (count(req), res.end("data: 2\n\n")));
  });
  app.get("/views", (req, res) => res.json(req.session.views));
  app.use(answerErrors);
  const visitor = await open(app);
  assert.equal((await visitor.ask("/head")).sent.length, 3);
  assert.equal((await visitor.ask("/file")).text, fileText);
  assert.equal((await visitor.ask("/file", { headers: { range: "bytes=0-3" } })).status, 206);
  const etag = (await visitor.ask("/text")).headers.get("etag");
  const unchanged = () =>
    new Promise((resolve) => {
      const headers = { cookie: visitor.cookie(), "if-none-match": etag };
      request(`${visitor.url}/text`, { headers }, (res) => resolve(res.resume().statusCode)).end();
    });
  assert.equal(await unchanged(), 304);
  assert.equal((await visitor.ask("/text", { method: "HEAD" })).status, 200);
  assert.equal((await visitor.ask("/events")).text, "data: 1\n\ndata: 2\n\n");
  assert.equal((await visitor.ask("/views")).text, "8");
  for (const path of ["/head", "/file", "/text", "/events"]) await refusesWhileFull(() => visitor.ask(path));
});

await neighbor("cookie-parser with the same secret, trust proxy, partitioned", async (express) => {
  const parser = require("cookie-parser")(secret);
  for (const order of [(own) => [parser, own], (own) => [own, parser]]) {
    const app = express().set("trust proxy", 1);
    app.use(order(sessions({ cookie: { sameSite: "none", secure: true, partitioned: true } })));
    app.get("/", (req, res) => {
      res.cookie("mine", "value", { signed: true });
      res.json([count(req), req.signedCookies.mine]);
    });
    const visitor = await open(app);
    const headers = { "x-forwarded-proto": "https" };
    const { sent } = await visitor.ask("/", { headers });
    assert.ok(
      sent.some((cookie) => /^connect.sid=.*Secure; Partitioned; SameSite=None/.test(cookie)),
      sent.join(),
    );
    assert.equal((await visitor.ask("/", { headers })).text, '[2,"value"]');
  }
});

tell();
