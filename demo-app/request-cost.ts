/** What a request costs in Redis, measured where the client library sends commands, and told in `Server-Timing`. */
import { AsyncLocalStorage } from "node:async_hooks";
import { tracingChannel } from "node:diagnostics_channel";
import type { NextFunction, Request, Response } from "express";

/** One request's account. */
export class Cost {
  commands = 0;
  /** How often the request had to wait: commands sent while another is under way share its trip. */
  roundTrips = 0;
  /** Milliseconds in which at least one command was under way. */
  waited = 0;
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

/** node-redis publishes every command on this channel; the context object is the same at its start and its end. */
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
 * the head goes out after the session was saved, so the save is in the account.
 */
export function measureCost() {
  watchCommands();
  return function measure(_req: Request, res: Response, next: NextFunction): void {
    const cost = new Cost();
    const started = performance.now();
    const writeHead = res.writeHead;
    res.writeHead = function writeHeadWithCost(this: Response, ...args: unknown[]) {
      res.writeHead = writeHead;
      if (!res.headersSent) res.setHeader("Server-Timing", describe(cost, performance.now() - started));
      return Reflect.apply(writeHead, this, args) as Response;
    } as Response["writeHead"];
    costs.run(cost, next);
  };
}

function describe(cost: Cost, total: number): string {
  const redis = `redis;dur=${cost.waited.toFixed(2)};desc="${cost.commands} ${cost.roundTrips}"`;
  return `${redis}, total;dur=${total.toFixed(2)}`;
}
