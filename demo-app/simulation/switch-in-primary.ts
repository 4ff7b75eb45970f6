/** The switch of the simulated visitors, in the primary: starts and stops their process, and tells all workers. */
import { fork, type ChildProcess } from "node:child_process";
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { isSimulationMessage, type SimulationMessage } from "./switch.js";

export interface SimulationPlace {
  /** The shop's, on this machine. */
  readonly url: string;
  /** What names the shop's Redis, added to this process' own environment. */
  readonly env: Record<string, string>;
}

export class SimulationProcess {
  readonly #place: SimulationPlace;
  #child: ChildProcess | undefined;

  constructor(place: SimulationPlace) {
    this.#place = place;
    cluster.on("listening", (worker) => this.#tell(worker)); // what it is told before, it cannot hear
    cluster.on("message", (_worker, message) => isSimulationMessage(message) && void this.#turn(message.simulation));
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.disconnect();
    await gone;
  }

  async #turn(isOn: boolean): Promise<void> {
    if (!isOn) await this.stop();
    else if (!this.#child) this.#start();
    for (const worker of Object.values(cluster.workers ?? {})) this.#tell(worker!);
  }

  #start(): void {
    const { url, env } = this.#place;
    const program = fileURLToPath(new URL("../processes/simulation-process.js", import.meta.url));
    const child = fork(program, [url], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    child.once("exit", () => {
      if (this.#child !== child) return; // it was stopped
      console.error("The simulated visitors ended unexpectedly.");
      void this.#turn(false);
    });
    this.#child = child;
  }

  #tell(worker: Worker): void {
    const message = { simulation: this.#child !== undefined } satisfies SimulationMessage;
    if (worker.isConnected()) worker.send(message, () => {}); // if it cannot be sent, the worker is ending
  }
}
