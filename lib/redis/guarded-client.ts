/** A client whose commands always end: each has a deadline, and while Redis is known to be silent it is not asked. */
import type { AvailabilityRules } from "./availability.js";
import type { RedisClient } from "./client.js";
import { Lane } from "./lane.js";
import { laneChooser, nodeOf } from "./lane-chooser.js";
import { outageIsOver, warnOfOutage } from "./outage-warning.js";

export interface GuardOptions {
  /** Milliseconds to wait for the answer to a command. Default 5000. */
  commandTimeout?: number | undefined;
  /** When Redis counts as down; see `Availability`. */
  rules?: Partial<AvailabilityRules>;
  /** Told when Redis (on a cluster: one of its servers) stops to answer, and when it answers again. */
  onChange?: (isUp: boolean) => void;
}

/**
 * Puts deadlines and a breaker around a client of any kind, the app's own included: it never closes or reconnects it.
 * Give it to everything that uses the client; wrapping twice does no harm.
 */
export function guardClient(client: RedisClient, options: GuardOptions = {}): GuardedClient {
  return client instanceof GuardedClient ? client : new GuardedClient(client, options);
}

export class GuardedClient implements RedisClient {
  /** The client underneath. */
  readonly client: RedisClient;
  readonly #laneOf: (key: string | undefined) => Lane;
  readonly #lanes: WeakRef<Lane>[] = [];
  #down = 0;

  constructor(client: RedisClient, options: GuardOptions = {}) {
    this.client = client;
    const newLane = (): Lane => {
      const lane = new Lane({
        commandTimeout: options.commandTimeout ?? 5000,
        rules: options.rules,
        probe: (key) => client.get(key),
        isOpen: () => client.isOpen,
        onChange: (isUp) => {
          this.#down += isUp ? -1 : 1;
          warn(isUp);
          options.onChange?.(isUp);
        },
      });
      this.#lanes.push(new WeakRef(lane));
      return lane;
    };
    this.#laneOf = laneChooser(client, newLane);
  }

  get isOpen(): boolean {
    return this.client.isOpen;
  }

  /** False while Redis, or one server of a cluster, is known not to answer. */
  get isAvailable(): boolean {
    return this.#down === 0;
  }

  /** Commands that wait for their answer. */
  get inFlight(): number {
    return this.#lanes.reduce((sum, lane) => sum + (lane.deref()?.inFlight ?? 0), 0);
  }

  get(key: string): Promise<unknown> {
    const lane = this.#laneOf(key);
    return lane.isDown ? lane.refuse() : lane.watch(this.client.get(key), key);
  }

  set(key: string, value: string, options?: Parameters<RedisClient["set"]>[2]): Promise<unknown> {
    const lane = this.#laneOf(key);
    return lane.isDown ? lane.refuse() : lane.watch(this.client.set(key, value, options), key);
  }

  expire(key: string, seconds: number): Promise<unknown> {
    const lane = this.#laneOf(key);
    return lane.isDown ? lane.refuse() : lane.watch(this.client.expire(key, seconds), key);
  }

  unlink(keys: string | string[]): Promise<unknown> {
    const key = typeof keys === "string" ? keys : (keys[0] ?? "");
    const lane = this.#laneOf(key);
    return lane.isDown ? lane.refuse() : lane.watch(this.client.unlink(keys), key);
  }

  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown> {
    const key = options.keys[0] ?? "";
    const lane = this.#laneOf(key);
    return lane.isDown ? lane.refuse() : lane.watch(this.client.evalSha(sha1, options), key);
  }

  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown> {
    const key = options.keys[0] ?? "";
    const lane = this.#laneOf(key);
    return lane.isDown ? lane.refuse() : lane.watch(this.client.eval(script, options), key);
  }

  hGetAll(key: string): Promise<unknown> {
    const lane = this.#laneOf(key);
    return lane.isDown ? lane.refuse() : lane.watch((this.client as MoreCommands).hGetAll(key), key);
  }

  /** Bytes of a string, or of one field of a hash. */
  byteLength(key: string, field?: string): Promise<unknown> {
    const client = this.client as MoreCommands;
    return this.run(key, () => (field === undefined ? client.strLen(key) : client.hStrLen(key, field)));
  }

  /** -1 for a key without an end, -2 for none. */
  secondsLeft(key: string): Promise<unknown> {
    return this.run(key, () => (this.client as MoreCommands).ttl(key));
  }

  ping(): Promise<unknown> {
    return this.run("", () => (this.client as MoreCommands).ping());
  }

  /** How many replicas have what this connection wrote; on a cluster, `key` says which server is meant. */
  wait(replicas: number, timeout: number, key = ""): Promise<unknown> {
    return this.run(key, async () => ((await nodeOf(this.client, key)) as MoreCommands).wait(replicas, timeout));
  }

  /** Any other command. `key` says which server of a cluster it goes to; `undefined` where no key does. */
  run<T>(key: string | undefined, send: () => Promise<T>): Promise<T> {
    const lane = this.#laneOf(key);
    return lane.isDown ? lane.refuse() : lane.watch(send(), key ?? "");
  }
}

interface MoreCommands extends RedisClient {
  hGetAll(key: string): Promise<unknown>;
  strLen(key: string): Promise<unknown>;
  hStrLen(key: string, field: string): Promise<unknown>;
  ttl(key: string): Promise<unknown>;
  ping(): Promise<unknown>;
  wait(replicas: number, timeout: number): Promise<unknown>;
}

const subject = "silent";

function warn(isUp: boolean): void {
  if (isUp) return outageIsOver(subject);
  warnOfOutage(
    subject,
    "Redis does not answer. Requests that need their session are refused at once until it does; it is asked four times a second.",
  );
}
