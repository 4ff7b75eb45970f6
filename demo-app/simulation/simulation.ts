/** Simulated visitors who take turns: a few requests a second, however many there are and however slow the shop is. */
import { PageClient } from "./page-client.js";
import { SimulatedVisitor, type Credentials } from "./simulated-visitor.js";
import { simulatedVisitors } from "./switch.js";

export interface SimulationOptions {
  /** The shop's. */
  readonly url: string;
  /** Makes the accounts if they are not there; each belongs to one visitor. Rejects while Redis is away. */
  readonly makeAccounts: () => Promise<readonly Credentials[]>;
  /** Each is one to five requests, two on average. @default 2 */
  readonly clicksPerSecond?: number;
}

/** Visitors who have clicked and got no answer yet: then nobody else clicks. */
const mostAtOnce = 4;
/** Clicks that are left out while nothing answers: doubled each time, up to the most. */
const leastLeftOut = 2;
const mostLeftOut = 20;
/** Milliseconds between the first two attempts to make the accounts: doubled each time, up to the longest. */
const firstAccountsPause = 10_000;
const longestAccountsPause = 600_000;

const agents = [
  "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
];

export class Simulation {
  readonly #makeAccounts: SimulationOptions["makeAccounts"];
  readonly #pause: number;
  readonly #idle: SimulatedVisitor[];
  readonly #clicks = new Set<Promise<void>>();
  #accounts: readonly Credentials[] = [];
  #accountsAfter = 0;
  #accountsPause = firstAccountsPause;
  #leftOut = leastLeftOut;
  #restsUntil = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor({ url, makeAccounts, clicksPerSecond = 2 }: SimulationOptions) {
    this.#makeAccounts = makeAccounts;
    this.#pause = 1000 / clicksPerSecond;
    this.#idle = Array.from({ length: simulatedVisitors }, (_, index) => {
      const client = new PageClient(url, agents[index % agents.length]!);
      return new SimulatedVisitor(client, () => this.#accounts[index]);
    });
  }

  start(): void {
    this.#goOn();
  }

  /** Resolves once all requests under way have been answered. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await Promise.all(this.#clicks);
  }

  #goOn(): void {
    if (this.#isStopped) return;
    if (this.#accounts.length === 0) void this.#getAccounts();
    const someone = performance.now() >= this.#restsUntil && this.#clicks.size < mostAtOnce && this.#idle.shift();
    if (someone) {
      const click = this.#click(someone).finally(() => this.#clicks.delete(click));
      this.#clicks.add(click);
    }
    this.#timer = setTimeout(() => this.#goOn(), this.#pause * (0.5 + Math.random()));
  }

  async #click(visitor: SimulatedVisitor): Promise<void> {
    const outcome = await visitor.step();
    this.#idle.push(visitor);
    if (outcome === "unknown") this.#accounts = [];
    if (outcome === "away") {
      this.#restsUntil = performance.now() + this.#leftOut * this.#pause;
      this.#leftOut = Math.min(this.#leftOut * 2, mostLeftOut);
    } else this.#leftOut = leastLeftOut;
  }

  /** Without accounts, nobody tries to log in: wrong passwords would count against all who are at this address. */
  async #getAccounts(): Promise<void> {
    if (performance.now() < this.#accountsAfter) return;
    this.#accountsAfter = performance.now() + this.#accountsPause;
    this.#accountsPause = Math.min(this.#accountsPause * 2, longestAccountsPause);
    this.#accounts = await this.#makeAccounts().catch(() => []);
  }
}
