/** What a request costs in Redis, and in the database if there is one, reported in `Server-Timing`. */
import { AsyncLocalStorage } from "node:async_hooks";
import { tracingChannel } from "node:diagnostics_channel";
import type { NextFunction, Request, Response } from "express";

/** The cost of one request. */
class Cost {
  commands = 0;
  /** How often the request had to wait: commands sent while another is in flight share its round trip. */
  roundTrips = 0;
  /** Milliseconds during which at least one command was in flight. */
  waited = 0;
  /** Sent to the database of the legacy store. */
  queries = 0;
  #underWay = 0;
  #since = 0;

  began(now = performance.now()): void {
    this.commands += 1;
    if (this.#underWay++ > 0) return;
    this.roundTrips += 1;
    this.#since = now;
  }

  ended(now = performance.now()): void {
    if (--this.#underWay === 0) this.waited += now - this.#since;
  }
}

const costs = new AsyncLocalStorage<Cost>();
let watching = false;

/** Counts a database query for the request that sends it. */
export function countQuery(): void {
  const cost = costs.getStore();
  if (cost) cost.queries += 1;
}

/** node-redis publishes every command on this channel, with the same context object at its start and its end. */
function watchCommands(): void {
  if (watching) return;
  watching = true;
  const payers = new WeakMap<object, Cost>();
  const ended = (context: object) => payers.get(context)?.ended();
  tracingChannel<object>("node-redis:command").subscribe({
    start(context: object) {
      const cost = costs.getStore();
      if (!cost) return;
      payers.set(context, cost);
      cost.began();
    },
    end() {},
    asyncStart() {},
    asyncEnd: ended,
    error() {},
  });
}

/**
 * Measures every request from here on. Mounted before the session middleware, its `writeHead` is the last one to run:
 * the headers go out after the session has been saved, so the save is included.
 *
 * @param hasDatabase whether there are queries to report
 */
export function measureCost(hasDatabase = false) {
  watchCommands();
  return function measure(_req: Request, res: Response, next: NextFunction): void {
    const cost = new Cost();
    const started = performance.now();
    const writeHead = res.writeHead;
    res.writeHead = function writeHeadWithCost(this: Response, ...args: unknown[]) {
      res.writeHead = writeHead;
      if (!res.headersSent) res.setHeader("Server-Timing", describe(cost, performance.now() - started, hasDatabase));
      return Reflect.apply(writeHead, this, args) as Response;
    } as Response["writeHead"];
    costs.run(cost, next);
  };
}

function describe(cost: Cost, total: number, hasDatabase: boolean): string {
  const redis = `redis;dur=${cost.waited.toFixed(2)};desc="${cost.commands} ${cost.roundTrips}"`;
  const database = hasDatabase ? `, db;desc="${cost.queries}"` : "";
  return `${redis}${database}, total;dur=${total.toFixed(2)}`;
}
