/** A client whose commands always settle: each has a deadline, and none is sent while Redis is known to be down. */
import type { BreakerRules } from "./breaker.js";
import type { ClientAdapter, Connection, Server } from "../clients/index.js";
import type {
  RedisClient,
  RedisCommands,
  ScanStep,
  ScanStepOptions,
  ScriptInput,
  ScriptRunner,
  SetOptions,
} from "../commands.js";
import { signals } from "../../signals/index.js";
import { Guard } from "./guard.js";
import { toldCommand } from "./told-command.js";

export interface GuardOptions {
  /**
   * Milliseconds to wait for the reply to a command.
   *
   * @default what the first user of this client asked for, else 5000
   */
  commandTimeout?: number | undefined;
  /** When Redis counts as down; see `Breaker`. Only those of the first user of this client count. */
  rules?: Partial<BreakerRules>;
}

/**
 * Adds deadlines and a circuit breaker to any client, including the app's own. Never closes or reconnects it. All users
 * of a client share what is known about Redis, and each has its own deadline; wrapping a client twice does no harm.
 *
 * @throws HoldfastError `HOLDFAST_CLIENT_INVALID`
 */
export function guardClient(client: RedisClient, options: GuardOptions = {}): GuardedClient {
  if (!(client instanceof GuardedClient)) return new GuardedClient(client, options);
  return options.commandTimeout === undefined ? client : client.withTimeout(options.commandTimeout);
}

export class GuardedClient implements ScriptRunner {
  /** The wrapped client: the app's own object. */
  readonly client: RedisClient;
  readonly #adapter: ClientAdapter;
  readonly #commands: RedisCommands;
  readonly #guard: Guard;
  readonly #timeout: number | undefined;

  constructor(client: RedisClient, { commandTimeout, rules }: GuardOptions = {}) {
    this.client = client;
    this.#guard = Guard.of(client, rules);
    this.#adapter = this.#guard.adapter;
    this.#commands = this.#adapter.commands;
    this.#timeout = commandTimeout;
    this.#guard.commandTimeout ??= commandTimeout;
  }

  /** The same client with another deadline, in milliseconds. */
  withTimeout(commandTimeout: number): GuardedClient {
    return new GuardedClient(this.client, { commandTimeout });
  }

  /** Milliseconds that a command waits for its reply. */
  get commandTimeout(): number {
    return this.#timeout ?? this.#guard.defaultTimeout;
  }

  /** What the client puts in front of every key that is passed to it. */
  get keyPrefix(): string {
    return this.#adapter.keyPrefix;
  }

  get kind(): ClientAdapter["kind"] {
    return this.#adapter.kind;
  }

  get isOpen(): boolean {
    return this.#adapter.isOpen;
  }

  /** False while Redis, or one server of a cluster, is known not to respond. */
  get isAvailable(): boolean {
    return this.#guard.isAvailable;
  }

  /** The number of commands that wait for their reply, of all users of this client. */
  get inFlight(): number {
    return this.#guard.inFlight;
  }

  /**
   * Sends a command, for example `send(key, (c) => c.hDel(key, "ask"))`. `key` determines the server of a cluster;
   * `undefined` if the command has no key.
   *
   * @param name what signals call it, if that is not the name of the method
   */
  send<T>(key: string | undefined, command: (client: RedisCommands) => Promise<T>, name?: string): Promise<T> {
    const lane = this.#guard.lanes.of(key);
    if (lane.isDown) return lane.refuse();
    const send = (commands: RedisCommands) => lane.watch(command(commands), key ?? "", this.commandTimeout);
    return signals.redis.command.isHeard ? toldCommand(this.client, this.#commands, send, name) : send(this.#commands);
  }

  /** All servers that hold keys: `[undefined]`, or the primaries of a cluster. */
  async servers(): Promise<readonly Server[]> {
    const adapter = this.#adapter;
    if (adapter.servers) return adapter.servers;
    return this.#watched(undefined, "CLUSTER SLOTS", async () => (await adapter.findServers?.()) ?? [undefined]);
  }

  /** Sends any command to one of `servers()`; signals call it `name`. */
  sendTo(server: Server, name: string, args: string[]): Promise<unknown> {
    return this.#watched(server, name, () => this.#adapter.send(server, args));
  }

  /** One step of an iteration over the keys of one of `servers()`. */
  scan(server: Server, cursor: string, options: ScanStepOptions): Promise<ScanStep> {
    return this.#watched(server, "SCAN", () => this.#adapter.scan(server, cursor, options));
  }

  /** What the client knows about its connection to one of `servers()`; sends nothing. */
  connection(server: Server): Connection {
    return this.#adapter.connection(server);
  }

  // ---- the most frequent commands -----------------------------------------------------------------------------------

  get(key: string): Promise<unknown> {
    return this.send(key, (client) => client.get(key));
  }

  set(key: string, value: string, options?: SetOptions): Promise<unknown> {
    return this.send(key, (client) => client.set(key, value, options));
  }

  expire(key: string, seconds: number): Promise<unknown> {
    return this.send(key, (client) => client.expire(key, seconds));
  }

  /** On a cluster, all keys must be in one slot. */
  unlink(keys: string | string[]): Promise<unknown> {
    return this.send(typeof keys === "string" ? keys : (keys[0] ?? ""), (client) => client.unlink(keys));
  }

  evalSha(sha1: string, options: ScriptInput): Promise<unknown> {
    return this.send(options.keys[0] ?? "", (client) => client.evalSha(sha1, options));
  }

  eval(script: string, options: ScriptInput): Promise<unknown> {
    return this.send(options.keys[0] ?? "", (client) => client.eval(script, options));
  }

  hGetAll(key: string): Promise<Record<string, string>> {
    return this.send(key, (client) => client.hGetAll(key));
  }

  ping(): Promise<unknown> {
    return this.send("", (client) => client.ping());
  }

  // ---- what the client library lacks --------------------------------------------------------------------------------

  /** HGETALL as a list: name, value, name, value, ... An object would lose a field named `__proto__`. */
  fieldsOf(key: string): Promise<unknown[]> {
    return this.send(key, () => this.#adapter.fieldsOf(key), "HGETALL");
  }

  /** The length in bytes of a string, or of one field of a hash. */
  byteLength(key: string, field?: string): Promise<unknown> {
    return this.send(key, (client) => (field === undefined ? client.strLen(key) : client.hStrLen(key, field)));
  }

  /**
   * How many replicas have the writes of this connection; waits up to `timeout` milliseconds. On a cluster, `key`
   * determines the server.
   */
  wait(replicas: number, timeout: number, key = ""): Promise<unknown> {
    return this.send(key, () => this.#adapter.wait(key, replicas, timeout), "WAIT");
  }

  #watched<T>(server: Server, name: string, send: () => Promise<T>): Promise<T> {
    const lane = this.#guard.lanes.at(server);
    if (lane.isDown) return lane.refuse();
    const watched = () => lane.watch(send(), "", this.commandTimeout);
    return signals.redis.command.isHeard ? toldCommand(this.client, this.#commands, watched, name) : watched();
  }
}
