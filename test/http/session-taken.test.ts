/** Two session middlewares on one request: the first one wins, and the process is told. */
import { createRequire } from "node:module";
import express, { type RequestHandler } from "express";
import session, { MemoryStore } from "express-session";
import request from "supertest";
import { expect, test, vi } from "vitest";
import { redisSession } from "../../lib/index.js";

// It comes without types.
const cookieSession = createRequire(import.meta.url)("cookie-session") as (options: object) => RequestHandler;

const secret = "two middlewares: a secret that is long enough for everyone";
/** Each name is warned of once per process, so each test has its own. */
const ours = (name: string, store = new MemoryStore()) => redisSession({ name, store, secret });
const theirs = (store = new MemoryStore()) => session({ store, secret, resave: false, saveUninitialized: false });

/** The names of the cookies that a visitor gets, and what the process warns of, on the first and on later requests. */
async function visit(...middlewares: RequestHandler[]): Promise<{ cookies: string[]; warnings: string[] }> {
  const emitted = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const app = express();
  app.use(...middlewares, (req, res) => {
    Object.assign(req.session, { views: 1 });
    res.end();
  });
  const { headers } = await request(app).get("/").expect(200);
  await request(app).get("/").expect(200);
  const warnings = emitted.mock.calls
    .map(([message]) => String(message))
    .filter((text) => text.includes("already had"));
  emitted.mockRestore();
  return { cookies: [headers["set-cookie"] ?? []].flat().map((cookie) => cookie.split("=")[0]!), warnings };
}

test.each<[string, string, () => RequestHandler]>([
  ["cookie-session", "after-cookie", () => cookieSession({ name: "theirs", keys: [secret] })],
  ["express-session", "after-theirs", () => theirs()],
  ["another redisSession()", "after-ours", () => ours("first")],
  ["an object of a test", "after-a-test", () => (req, _res, next) => (Object.assign(req, { session: {} }), next())],
])("%s in front wins, which is said once", async (_name, name, before) => {
  const { cookies, warnings } = await visit(before(), ours(name));
  expect(cookies).not.toContain(name);
  expect(warnings).toEqual([expect.stringContaining(`the cookie "${name}"`)]);
});

test("mounted twice, or with the store of the one in front, nothing is lost and nothing said", async () => {
  const sessions = ours("twice");
  expect(await visit(sessions, sessions)).toEqual({ cookies: ["twice"], warnings: [] });
  const store = new MemoryStore();
  expect(await visit(ours("one", store), ours("other", store))).toEqual({ cookies: ["one"], warnings: [] });
  expect(await visit(theirs(store), ours("third", store))).toEqual({ cookies: ["connect.sid"], warnings: [] });
});

test("each for paths of its own, both work", async () => {
  const apart = express.Router().use("/admin", ours("admin"));
  const emitted = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const app = express().use(apart, (req, res, next) => (req.session ? next() : ours("site")(req, res, next)));
  app.use((req, res) => {
    Object.assign(req.session, { views: 1 });
    res.end();
  });
  expect((await request(app).get("/admin")).headers["set-cookie"]?.[0]).toMatch(/^admin=/);
  expect((await request(app).get("/")).headers["set-cookie"]?.[0]).toMatch(/^site=/);
  expect(emitted.mock.calls.filter(([message]) => String(message).includes("already had"))).toEqual([]);
  emitted.mockRestore();
});
