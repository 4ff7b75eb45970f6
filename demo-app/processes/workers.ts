/** The web workers, seen from the primary: started, watched, replaced one by one, stopped. */
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { StartError } from "../settings.js";
import type { FromWorker, RedisOrder, ToWorker } from "./orders.js";

export interface WorkersOptions {
  readonly count: number;
  /** The environment of each worker, added to this process' own. */
  readonly env: Record<string, string>;
  /** Does what a worker asks for; rejects if that did not work. */
  readonly obey: (order: RedisOrder) => Promise<void>;
  /** Called when a crashed worker cannot be replaced. */
  readonly onHopeless: () => void;
}

/** Milliseconds that a worker has to finish its current requests. */
const patience = 5000;
/** After this many failed attempts in a row, the shop gives up. */
const attempts = 5;

export class Workers {
  readonly #options: WorkersOptions;
  /** Those that serve requests, by number, from 1. */
  readonly #workers = new Map<number, Worker>();
  /** Those that are starting or stopping. */
  readonly #starting = new Set<Worker>();
  readonly #leaving = new Set<Worker>();
  #restarting = false;
  #stopped = false;

  constructor(options: WorkersOptions) {
    this.#options = options;
    cluster.setupPrimary({ exec: fileURLToPath(new URL("./worker.js", import.meta.url)) });
  }

  /** Resolves once all of them listen. @throws StartError if one fails to start */
  async start(): Promise<void> {
    const launched = await this.#launchAll();
    if (launched) launched.forEach((worker, index) => this.#adopt(index + 1, worker));
    else if (!this.#stopped) throw new StartError("The workers could not start; their output above says why.");
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const all = new Set([...this.#workers.values(), ...this.#starting, ...this.#leaving]);
    await Promise.all([...all].map((worker) => this.#retire(worker)));
  }

  /** One new worker for every number, or, if one of them fails, none at all. */
  async #launchAll(): Promise<Worker[] | undefined> {
    const numbers = Array.from({ length: this.#options.count }, (_, index) => index + 1);
    const launched = await Promise.all(numbers.map((number) => this.#launch(number)));
    const listening = launched.filter((worker) => worker !== undefined);
    if (listening.length === numbers.length) return listening;
    await Promise.all(listening.map((worker) => this.#retire(worker)));
    return undefined;
  }

  /** A process that listens, or undefined if it exited first. */
  async #launch(number: number): Promise<Worker | undefined> {
    const worker = cluster.fork({ ...this.#options.env, WORKER_NUMBER: String(number) });
    this.#starting.add(worker);
    worker.on("message", (message: FromWorker) => void this.#hear(worker, message));
    const listens = await new Promise<boolean>((resolve) => {
      worker.once("listening", () => resolve(true));
      worker.once("exit", () => resolve(false));
    });
    this.#starting.delete(worker);
    return listens ? worker : undefined;
  }

  async #hear(worker: Worker, message: FromWorker): Promise<void> {
    if (message === "restart-workers") return this.#restart(worker);
    if (message === "hears") {
      // What it was told before is lost.
      if (this.#leaving.has(worker)) tell(worker, "leave");
      return;
    }
    if (message !== "freeze-redis" && message !== "restart-redis") return; // somebody else hears it
    const isDone = await this.#options.obey(message).then(
      () => true,
      () => false,
    );
    tell(worker, { order: message, isDone });
  }

  /** From here on the worker has the number, and is replaced if it crashes. */
  #adopt(number: number, worker: Worker): void {
    this.#workers.set(number, worker);
    const ended = () => {
      if (this.#stopped || this.#leaving.has(worker) || this.#workers.get(number) !== worker) return;
      console.error(`Worker ${number} (process ${worker.process.pid}) ended unexpectedly; a new one takes its place.`);
      void this.#recover(number);
    };
    if (worker.isDead()) ended();
    else worker.once("exit", ended);
  }

  async #recover(number: number): Promise<void> {
    for (let attempt = 1; attempt <= attempts && !this.#stopped; attempt++) {
      const worker = await this.#launch(number);
      if (worker) return this.#adopt(number, worker);
      await delay(200 * attempt);
    }
    if (!this.#stopped) this.#options.onHopeless();
  }

  /**
   * The new workers listen before the old ones stop. The one that received the request stops last, so that it can
   * respond to it. All state is in Redis, so visitors do not notice.
   */
  async #restart(asked: Worker): Promise<void> {
    if (this.#restarting || this.#stopped) return tell(asked, { order: "restart-workers", isDone: true });
    this.#restarting = true;
    const launched = await this.#launchAll();
    if (launched) {
      const old = [...this.#workers.values()];
      for (const worker of old) this.#leaving.add(worker);
      launched.forEach((worker, index) => this.#adopt(index + 1, worker));
      await Promise.all(old.filter((worker) => worker !== asked).map((worker) => this.#retire(worker)));
      if (old.includes(asked)) await this.#retire(asked);
    }
    tell(asked, { order: "restart-workers", isDone: launched !== undefined });
    this.#restarting = false;
  }

  async #retire(worker: Worker): Promise<void> {
    this.#leaving.add(worker);
    if (!worker.isDead()) {
      const gone = once(worker, "exit");
      const timer = setTimeout(() => worker.process.kill("SIGKILL"), patience);
      tell(worker, "leave");
      await gone;
      clearTimeout(timer);
    }
    this.#leaving.delete(worker);
  }
}

function tell(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => {}); // if it cannot be sent, the worker is ending
}
