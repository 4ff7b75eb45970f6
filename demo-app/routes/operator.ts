/** The operator's page: where the move stands, and the buttons. It works without JavaScript; with it, it is live. */
import { setTimeout as delay } from "node:timers/promises";
import { Router, type Request, type Response } from "express";
import { textField, wholeNumberField } from "../forms.js";
import { moveFacts } from "../move/facts.js";
import { localOnly } from "../move/local-only.js";
import { actions, slotOf, type Moving, type Order } from "../move/operator.js";
import { dialOf, phaseNumber, processLines, wordsOf } from "../move/words.js";
import { Refused } from "../refused.js";
import { html } from "../html.js";
import { operatorPage } from "../views/operator-page.js";
import { sendPage, type Shop } from "./context.js";

/** Milliseconds that a page waits for the end of what its button began. Most steps take less. */
const patience = 4000;
const busy = "Something else is being done. Wait for its end, then press again.";

export function operatorRoutes(shop: Shop, moving: Moving): Router {
  const router = Router();
  router.use(/^\/operator(\.json|\/|$)/, localOnly);

  router.get("/operator", (req, res) => show(req, res));

  router.get("/operator.json", async (req, res) => {
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

  // What the script calls: it sees the end in what it polls.
  router.post("/operator/:action.json", async (req, res) => {
    const begun = await moving.operator.begin(orderOf(req));
    if (!begun) throw new Refused(409, busy);
    res.status(202).json({});
  });

  router.post("/operator/:action", async (req, res) => {
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
    sendPage(shop, req, res, { title: "The move", main, head });
  }
}

function orderOf(req: Request): Order {
  const action = actions.find((one) => one === req.params["action"]);
  if (!action) throw new Refused(404, "The operator has no such button.");
  const isGiven = (name: string) => textField(req, name) !== "";
  if (action !== "set") return { action, repair: isGiven("repair"), again: isGiven("again") };
  const dial = wholeNumberField(req, "dial", 0, 100);
  if (dial === undefined) throw new Refused(422, "The dial goes from 0 to 100, in whole numbers.");
  return { action, dial };
}
