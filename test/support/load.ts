/** Visitors who keep visiting while something happens to Redis, and what they saw. */
import { setTimeout as pause } from "node:timers/promises";
import { startSite, Visitor, type Middleware, type Site } from "./web-site.js";

export interface Visit {
  /** Milliseconds on the clock of `performance.now()`. */
  at: number;
  took: number;
  /** 0 when the connection broke. */
  status: number;
}

export interface LoadOptions {
  visitors: number;
  /** Requests of one visitor at the same time, which then overlap. Default 1. */
  tabs?: number;
  /** Milliseconds between the visits of one tab; this many visitors must fit on two cores. Default 100. */
  every?: number;
  /** Milliseconds between visits that come whether or not earlier ones were answered, as from a crowd. Default: none. */
  arrivals?: number;
}

/** A page that counts in the session, as a cart or a page counter does, and one that only reads. */
export function startCountingSite(middleware: Middleware): Promise<Site> {
  return startSite(middleware, (req, res, url) => {
    if (url.pathname === "/count") req.session["count"] = (req.session["count"] ?? 0) + 1;
    res.end(String(req.session["count"] ?? 0));
  });
}

export class Load {
  readonly visits: Visit[] = [];
  /** For each visitor, when a change was acknowledged. */
  readonly acknowledged: number[][];
  readonly visitors: Visitor[];
  readonly #options: LoadOptions;
  #running: Promise<unknown> | undefined;
  #isStopped = false;

  constructor(site: Site, options: LoadOptions) {
    this.#options = options;
    this.visitors = Array.from({ length: options.visitors }, () => new Visitor(site));
    this.acknowledged = this.visitors.map(() => []);
  }

  /** Resolves when every visitor has a session; then they go on until `stop()`. */
  async start(): Promise<void> {
    await Promise.all(this.visitors.map((_, i) => this.#visit(i)));
    const { tabs = 1, every = 100 } = this.#options;
    const tab = async (i: number) => {
      await pause(Math.random() * every);
      while (!this.#isStopped) {
        await this.#visit(i);
        await pause(every * (0.5 + Math.random()));
      }
    };
    const all = this.visitors.flatMap((_, i) => Array.from({ length: tabs }, () => tab(i)));
    this.#running = Promise.all([...all, this.#crowd()]);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  /** Resolves when something failed after `since`, and for two seconds nothing has failed any more. */
  async untilGood(since: number, timeout = 40_000): Promise<void> {
    while (performance.now() < since + timeout) {
      await pause(50);
      const failed = this.between(since, Infinity).filter(({ status }) => status !== 200);
      const last = Math.max(...failed.map(({ at, took }) => at + took));
      if (failed.length > 0 && performance.now() - last > 2000) return;
    }
    throw new Error(`visits still fail ${timeout} ms later, or none did`);
  }

  /** Changes that were acknowledged before `before` and that the visitor's session does not hold. */
  async lost(before = Infinity): Promise<number> {
    const losses = await Promise.all(
      this.visitors.map(async (visitor, i) => {
        const count = Number((await visitor.get("/")).body);
        return Math.max(0, this.acknowledged[i]!.filter((at) => at < before).length - count);
      }),
    );
    return losses.reduce((sum, lost) => sum + lost, 0);
  }

  /** The visits that began between two moments. */
  between(from: number, to: number): Visit[] {
    return this.visits.filter(({ at }) => at >= from && at < to);
  }

  /** From the first failure on: how long until nothing failed any more. */
  get failedFor(): number {
    const failed = this.visits.filter(({ status }) => status !== 200);
    if (failed.length === 0) return 0;
    const ends = failed.map(({ at, took }) => at + took);
    return Math.max(...ends) - Math.min(...failed.map(({ at }) => at));
  }

  async #crowd(): Promise<void> {
    const { arrivals } = this.#options;
    const under = new Set<Promise<void>>();
    for (let n = 0; arrivals !== undefined && !this.#isStopped; n++) {
      const visit = this.#visit(n % this.visitors.length);
      under.add(visit);
      void visit.finally(() => under.delete(visit));
      await pause(arrivals);
    }
    await Promise.all(under);
  }

  async #visit(i: number): Promise<void> {
    const at = performance.now();
    const status = await this.visitors[i]!.get("/count").then(
      (answer) => answer.status,
      () => 0,
    );
    const end = performance.now();
    this.visits.push({ at, took: end - at, status });
    if (status === 200) this.acknowledged[i]!.push(end);
  }
}

export function quantile(values: number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}

export function countBy(visits: Visit[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of visits) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** Waits; for drills that last a stated time. */
export { pause };

/** Prints the figures of a drill in one line. */
export function report(drill: string, figures: Record<string, unknown>): void {
  const shown = Object.entries(figures).map(([name, value]) => {
    const text = typeof value === "number" ? String(Math.round(value)) : JSON.stringify(value);
    return `${name} ${text}`;
  });
  console.info(`drill: ${drill}: ${shown.join(", ")}`);
}
