/**
 * What is known about the servers behind a client. There is one per client object, shared by everything that uses it.
 */
import { adapterOf, type ClientAdapter } from "../clients/index.js";
import type { BreakerRules } from "./breaker.js";
import type { RedisClient } from "../commands.js";
import { connectionFailure } from "../failure-reasons.js";
import { Lane } from "./lane.js";
import { laneChooser, type LaneChooser } from "./lane-chooser.js";
import { outageOf, type Outage } from "./outage.js";

const usualTimeoutMs = 5000;

export class Guard {
  readonly adapter: ClientAdapter;
  readonly lanes: LaneChooser;
  /** Milliseconds, for users of the client without a deadline of their own: the first one that was set. */
  commandTimeout: number | undefined;
  readonly #outage: Outage;
  readonly #known: WeakRef<Lane>[] = [];
  #down = 0;

  private constructor(client: RedisClient, rules: Partial<BreakerRules> | undefined) {
    this.adapter = adapterOf(client);
    this.#outage = outageOf(client);
    this.lanes = laneChooser(this.adapter, () => this.#newLane(rules));
  }

  /** @param rules only those of the first user of the client count */
  static of(client: RedisClient, rules?: Partial<BreakerRules>): Guard {
    let guard = guards.get(client);
    if (!guard) guards.set(client, (guard = new Guard(client, rules)));
    return guard;
  }

  get defaultTimeout(): number {
    return this.commandTimeout ?? usualTimeoutMs;
  }

  get isAvailable(): boolean {
    return this.#down === 0;
  }

  /** The number of commands that wait for their reply. */
  get inFlight(): number {
    return this.#known.reduce((sum, lane) => sum + (lane.deref()?.inFlight ?? 0), 0);
  }

  #newLane(rules: Partial<BreakerRules> | undefined): Lane {
    const { adapter } = this;
    const lane = new Lane({
      rules,
      failure: (error) => this.#outage.explain(adapter.failure?.(error) ?? error),
      probe: (key) => adapter.commands.get(key),
      recover: adapter.recover,
      isOpen: () => adapter.isOpen,
      onChange: (isUp, silence) => this.#changed(isUp, silence),
      onConnection: (failure) => this.#connection(failure),
    });
    this.#known.push(new WeakRef(lane));
    return lane;
  }

  #changed(isUp: boolean, silence: number): void {
    this.#down += isUp ? -1 : 1;
    if (!isUp) this.#outage.begin("silent", silent, performance.now() - silence);
    else if (!this.adapter.isOpen) this.#outage.forget();
    else if (this.#down === 0) this.#outage.end("silent");
  }

  /** The app connects its own client, so for that one only failed commands show an outage. */
  #connection(failure: unknown): void {
    if (this.#outage.isConnectionWatched) return;
    if (!this.adapter.isOpen) this.#outage.forget();
    else if (failure === undefined) this.#outage.end("disconnected");
    else {
      const { reason, words } = connectionFailure(failure);
      if (reason !== "timeout") this.#outage.begin("disconnected", `Commands to Redis fail: ${words}.`); // else silent, or slow
    }
  }
}

const guards = new WeakMap<RedisClient, Guard>();

const silent =
  "Redis does not respond. Until it does, requests that need their session fail at once; it is probed four times " +
  "a second.";
