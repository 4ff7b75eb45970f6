/** A server that runs in a process of its own, so that workers can come and go: start, restart, end. */
import { fork, type ChildProcess, type Serializable } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { StartError } from "../settings.js";

export interface ServerProgram {
  /** Its file, beside this one. It sends a message once it is ready. */
  readonly program: string;
  readonly port: number;
  /** What the user is told if it does not start. */
  readonly failure: string;
}

/** Milliseconds that it has to end by itself. */
const patience = 1000;

export class ChildServer {
  readonly #options: ServerProgram;
  /** The one that serves or starts, which may not end without being asked to. */
  #child: ChildProcess | undefined;
  #restarting: Promise<void> | undefined;
  #isStopped = false;
  #crashed = () => {};

  constructor(options: ServerProgram) {
    this.#options = options;
  }

  /** Resolves once it is ready. @throws StartError */
  async start(): Promise<void> {
    const { program, port, failure } = this.#options;
    // Valkey writes its log to stdout, and WASI a warning; neither is of interest here.
    const child = fork(fileURLToPath(new URL(program, import.meta.url)), [String(port)], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    this.#child = child;
    await untilReady(child, new StartError(failure));
    child.once("exit", () => this.#child === child && this.#crashed());
  }

  /** Called when it exits unexpectedly, or cannot be started again. */
  onCrash(listener: () => void): void {
    this.#crashed = listener;
  }

  /** A new process in place of this one, on the same port. Whoever asks meanwhile gets the same one. */
  restart(): Promise<void> {
    this.#restarting ??= this.#replace().finally(() => (this.#restarting = undefined));
    return this.#restarting;
  }

  /** Sends it a message. Resolves with whether it answered; it may also end. */
  async ask(message: Serializable): Promise<boolean> {
    await this.#restarting?.catch(() => {});
    const child = this.#child;
    if (!child?.connected) return false;
    const settled = new AbortController();
    const { signal } = settled;
    const answered = once(child, "message", { signal }).then(() => true);
    const ended = once(child, "exit", { signal }).then(() => false);
    child.send(message, () => {}); // if it cannot be sent, the process is ending
    const result = await Promise.race([answered, ended]);
    settled.abort();
    return result;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#end();
  }

  async #replace(): Promise<void> {
    await this.#end();
    if (this.#isStopped) return;
    try {
      await this.start();
    } catch (error) {
      this.#crashed();
      throw error;
    }
  }

  async #end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    // It ends when the channel closes, unless it is frozen, or busy with its start.
    const timer = setTimeout(() => child.kill("SIGKILL"), patience);
    if (child.connected) child.disconnect();
    await gone;
    clearTimeout(timer);
  }
}

async function untilReady(child: ChildProcess, failed: StartError): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", () => reject(failed));
    child.once("error", () => reject(failed));
  });
}
