/**
 * The operator's page: the state of the migration, and the buttons. It works without JavaScript; with it, it is live.
 * Everything is mounted at /operator, so that every address that leads to a route passes the guard first.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Router, type Request, type Response } from "express";
import { textField, wholeNumberField } from "../forms.js";
import { moveFacts } from "../move/facts.js";
import { localOnly } from "../local-only.js";
import { actions, slotOf, type Moving, type Order } from "../move/operator.js";
import { dialOf, phaseNumber, processLines, wordsOf } from "../move/words.js";
import { Refused } from "../refused.js";
import { html } from "../html.js";
import { operatorPage } from "../views/operator-page.js";
import { sendPage, type Shop } from "./context.js";

/** Milliseconds that a page waits for the job that its button started. Most jobs take less. */
const patience = 4000;
const busy = "Another action is running. Wait until it ends, then press again.";

export function operatorRoutes(shop: Shop, moving: Moving): Router {
  const router = Router();
  router.use(localOnly);

  router.get("/", (req, res) => show(req, res));

  router.get("/facts.json", async (req, res) => {
    const facts = await moveFacts(moving, req);
    res.json({
      words: wordsOf(facts),
      dial: dialOf(facts),
      other: facts.status.other ?? null,
      phase: phaseNumber(facts),
      processes: processLines(facts),
      jobs: facts.jobs,
    });
  });

  // Called by the script, which learns of the end by polling.
  router.post("/:action.json", async (req, res) => {
    const begun = await moving.operator.begin(orderOf(req));
    if (!begun) throw new Refused(409, busy);
    res.status(202).json({});
  });

  router.post("/:action", async (req, res) => {
    const order = orderOf(req);
    const begun = await moving.operator.begin(order);
    if (!begun) throw new Refused(409, busy);
    await Promise.race([begun.ended, delay(patience)]);
    res.redirect(303, `/operator#${slotOf(order)}`);
  });

  return router;

  async function show(req: Request, res: Response): Promise<void> {
    const facts = await moveFacts(moving, req);
    const isRunning = Object.values(facts.jobs).some(({ state }) => state === "running");
    const head = html`<link rel="stylesheet" href="/assets/operator.css" />
      <script type="module" src="/assets/operator.js"></script>
      ${isRunning && html`<noscript><meta http-equiv="refresh" content="2" /></noscript>`}`;
    const main = operatorPage(facts, shop.csrf.token(req), moving.places);
    sendPage(shop, req, res, { title: "Migration", main, head });
  }
}

function orderOf(req: Request): Order {
  const action = actions.find((one) => one === req.params["action"]);
  if (!action) throw new Refused(404, "There is no such action.");
  const isGiven = (name: string) => textField(req, name) !== "";
  if (action !== "set") return { action, repair: isGiven("repair"), again: isGiven("again") };
  const dial = wholeNumberField(req, "dial", 0, 100);
  if (dial === undefined) throw new Refused(422, "The dial must be a whole number from 0 to 100.");
  return { action, dial };
}
