/** Deadlines for all commands in flight, with a single timer instead of one per command. */
import { realTime } from "../../errors/index.js";

/** A command in flight. */
export interface InFlight {
  /** When it was sent, in milliseconds on the clock of {@link Deadlines}. */
  readonly sentAt: number;
  /** Milliseconds. */
  readonly timeout: number;
  /** Called once if the deadline passes first. */
  readonly miss: () => void;
}

/** Milliseconds between two checks; a missed deadline is noticed this late at most. */
const step = 50;
/** More milliseconds than this between two checks mean that this process was blocked, which is not Redis' fault. */
const longestStep = 250;

/**
 * There are only a few different timeouts, and of the commands with the same timeout, the first one sent is due first.
 * The clock is our own: it advances only while this process runs, so that a blocked event loop, or a laptop that slept,
 * does not look like a Redis that does not respond.
 */
export class Deadlines {
  readonly #onTick: () => boolean;
  /** By their timeout. */
  readonly #inFlight = new Map<number, Set<InFlight>>();
  #timer: NodeJS.Timeout | undefined;
  #checkedAt = 0;
  #now = 0;

  /** @param onTick called at every check; returns whether to keep checking although no command is in flight */
  constructor(onTick: () => boolean) {
    this.#onTick = onTick;
  }

  /** Milliseconds on our own clock, as of the last check. */
  get now(): number {
    return this.#now;
  }

  get size(): number {
    let size = 0;
    for (const commands of this.#inFlight.values()) size += commands.size;
    return size;
  }

  /** When the longest waiting command was sent. */
  get oldest(): number | undefined {
    let oldest: number | undefined;
    for (const commands of this.#inFlight.values()) {
      const first = firstOf(commands)?.sentAt;
      if (first !== undefined && (oldest === undefined || first < oldest)) oldest = first;
    }
    return oldest;
  }

  begin(timeout: number, miss: () => void): InFlight {
    if (this.#timer === undefined) this.wake();
    const command = { sentAt: this.#now, timeout, miss };
    const commands = this.#inFlight.get(timeout);
    if (commands) commands.add(command);
    else this.#inFlight.set(timeout, new Set([command]));
    return command;
  }

  /** Returns false if its deadline was missed before. */
  end(command: InFlight): boolean {
    return this.#inFlight.get(command.timeout)?.delete(command) ?? false;
  }

  /** Starts the timer if it is not running. It does not keep the process alive. */
  wake(): void {
    if (this.#timer !== undefined) return;
    this.#checkedAt = realTime.now();
    this.#timer = realTime.setInterval(() => this.#check(), step).unref();
  }

  #check(): void {
    const time = realTime.now();
    this.#now += Math.min(time - this.#checkedAt, longestStep);
    this.#checkedAt = time;
    for (const [timeout, commands] of this.#inFlight) {
      this.#missThoseDue(timeout, commands);
      if (commands.size === 0) this.#inFlight.delete(timeout);
    }
    const keepChecking = this.#onTick();
    if (this.#inFlight.size > 0 || keepChecking) return;
    realTime.clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #missThoseDue(timeout: number, commands: Set<InFlight>): void {
    for (const command of commands) {
      // One step more, because a command is stamped with the time of the last check before it.
      if (this.#now - command.sentAt < timeout + step) return;
      commands.delete(command);
      command.miss();
    }
  }
}

function firstOf(commands: Set<InFlight>): InFlight | undefined {
  for (const command of commands) return command;
  return undefined;
}
