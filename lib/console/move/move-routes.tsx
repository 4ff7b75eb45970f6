/** The page of the migration, and its buttons. */
import { setTimeout as delay } from "node:timers/promises";
import { redirect, sendPage } from "../http/answer.js";
import { formOf } from "../http/body.js";
import type { Visit } from "../http/visit.js";
import { ConfirmPage } from "../views/confirm-page.js";
import { Notice } from "../views/layout.js";
import type { MoveWatcher } from "./facts.js";
import type { Jobs } from "./jobs.js";
import { MovePage } from "./move-page.js";
import { actions, slotOf, workOf, type OperatorParts, type Order } from "./operator.js";

/** Milliseconds that a page waits for the job that its button started. Most turns take less. */
const patience = 2000;

export interface MoveRoutesDeps {
  readonly app: string;
  readonly watcher: MoveWatcher;
  readonly jobs: Jobs;
  /** Undefined if the console has no `source`: then it only shows. */
  readonly operator: OperatorParts | undefined;
  /** Tells what an operator does. */
  readonly tell: <T>(about: { action: string; operator: string | undefined }, work: () => Promise<T>) => Promise<T>;
}

/** False if there is no such page. */
export async function moveRoutes(visit: Visit, deps: MoveRoutesDeps): Promise<boolean> {
  const { path, req, res } = visit;
  const { app, watcher } = deps;
  const isPost = req.method === "POST";
  if (path === "/move" && !isPost) {
    sendPage(res, 200, <MovePage visit={visit} app={app} facts={await watcher.look()} />);
    return true;
  }
  if (deps.operator && path === "/move/rollback" && !isPost) {
    const consequence =
      "All sessions are brought up to date in the old store, which then answers alone. Nobody is logged out. It can " +
      "take as long as the comparison did.";
    const page = { title: "Roll back the migration?", consequence, confirm: "Roll back", back: "../move" };
    sendPage(res, 200, <ConfirmPage visit={visit} app={app} at="move" action="rollback" {...page} />);
    return true;
  }
  const action = actions.find((one) => path === `/move/${one}`);
  if (!action || !isPost || !deps.operator) return false;
  await take(visit, { action }, deps, deps.operator);
  return true;
}

async function take(visit: Visit, given: Order, deps: MoveRoutesDeps, operator: OperatorParts): Promise<void> {
  const { res, req, root } = visit;
  const field = await formOf(req);
  const dial = field("dial");
  const refuse = (status: number, title: string, sentence: string) =>
    sendPage(res, status, <Notice visit={visit} app={deps.app} title={title} sentence={sentence} />);
  if (given.action === "set" && !(/^\d{1,3}$/.test(dial) && Number(dial) <= 100))
    return refuse(422, "Nothing was done", "The dial must be a whole number from 0 to 100.");
  const order: Order = { ...given, dial: Number(dial), repair: field("repair") !== "" };
  const slot = slotOf(order);
  const begun = await deps.tell({ action: `migration-${given.action}`, operator: visit.operator }, () =>
    deps.jobs.begin(slot, workOf(order, operator)),
  );
  if (!begun) return refuse(409, "Nothing was done", "Another step is running. Wait until it ends, then press again.");
  await Promise.race([begun.ended, delay(patience, undefined, { ref: false })]);
  redirect(res, `${root}move#${slot}`);
}
