/** What the panel requests: the session as currently stored, and new worker processes. */
import { Router } from "express";
import { safePath } from "holdfast/auth";
import { textField } from "../forms.js";
import { localOnly } from "../local-only.js";
import { Refused } from "../refused.js";
import { lookAtSession } from "../session-at-rest.js";
import type { Shop } from "./context.js";

export function demoRoutes(shop: Shop): Router {
  const router = Router();

  router.get("/session.json", async (req, res) => {
    res.json(await lookAtSession(shop.sessionAtRest, req));
  });

  router.post("/demo/restart", localOnly, async (req, res) => {
    if (!shop.restartWorkers) throw new Refused(404, "This shop runs without workers.");
    const back = new URL(safePath(textField(req, "next"), "/"), "http://shop.invalid");
    await shop.restartWorkers();
    // This connection leads to a worker that is stopping; the next page should come from a new one.
    res.set("Connection", "close");
    back.searchParams.set("restarted", "");
    res.redirect(303, back.pathname + back.search);
  });

  return router;
}
