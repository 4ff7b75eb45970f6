/** The app of the comparison: written once, mounted with each of the two session middlewares. */
import { setTimeout as delay } from "node:timers/promises";
import { Router, type Request, type RequestHandler } from "express";
import { Refused } from "../refused.js";

declare module "holdfast" {
  interface HoldfastSession {
    /** Who is logged in. */
    user: string;
    /** What was added, by name. */
    items: Record<string, boolean>;
    report: string;
  }
}

/** Milliseconds between reading and saving the session, as a page takes that asks a database. */
const work = 150;
/** The same for a request that is still running when the visitor logs out. */
const slowWork = 1500;

/** @param stored the text that Redis holds for the session of this request, read beside the middleware */
export function comparedApp(sessions: RequestHandler, stored: (req: Request) => Promise<string | null>): Router {
  const router = Router();
  router.use(sessions);

  router.post("/start.json", async (req, res) => {
    await call((done) => req.session.regenerate(done));
    req.session.user = "ada";
    req.session.items = {};
    res.json({});
  });

  router.post("/items/:name.json", async (req, res) => {
    const { items } = req.session;
    const name = /^n\d\d?$/.exec(req.params.name)?.[0];
    if (!items || name === undefined) throw new Refused(409, "There is no session to add this to.");
    items[name] = true;
    await delay(work);
    res.json({});
  });

  router.post("/slow.json", async (req, res) => {
    req.session.report = "being made";
    await delay(slowWork);
    req.session.report = "ready";
    res.json({});
  });

  router.post("/logout.json", async (req, res) => {
    await call((done) => req.session.destroy(done));
    res.json({});
  });

  router.get("/session.json", async (req, res) => {
    res.json({ user: req.session.user ?? null, stored: await stored(req) });
  });

  return router;
}

/** A method of a session as a promise. */
function call(method: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    method((error) => {
      if (error == null) resolve();
      else reject(error instanceof Error ? error : new Error("The session could not be changed.", { cause: error }));
    });
  });
}
