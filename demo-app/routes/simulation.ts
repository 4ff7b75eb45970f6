/** Lets simulated visitors in, and sends them away. */
import { Router } from "express";
import { safePath } from "holdfast/auth";
import { textField } from "../forms.js";
import { localOnly } from "../local-only.js";
import { Refused } from "../refused.js";
import type { Shop } from "./context.js";

export function simulationRoutes(shop: Shop): Router {
  const router = Router();
  router.post("/demo/visitors", localOnly, async (req, res) => {
    if (!shop.simulation) throw new Refused(404, "This shop has no simulated visitors.");
    const back = new URL(safePath(textField(req, "next"), "/"), "http://shop.invalid");
    await shop.simulation.turn(textField(req, "visitors") === "in");
    back.searchParams.set("visitors", "");
    res.redirect(303, back.pathname + back.search);
  });
  return router;
}
