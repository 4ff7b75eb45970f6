/**
 * A client of the `redis` package with a Redis in this process's memory behind it: the commands and scripts that
 * sessions and logins need. Commands run when they are called, one after the other, so each is atomic.
 */
import { EventEmitter } from "node:events";
import { codes, HoldfastError } from "../../errors/index.js";
import { defineScript, outageOf, type RedisCommands, type RedisSetOptions } from "../../redis/index.js";
import { Keyspace } from "./keyspace.js";
import { scriptsInMemory } from "./scripts/index.js";

interface ScriptInput {
  keys: string[];
  arguments: string[];
}

/** What several connections share. */
interface Server {
  readonly db: Keyspace;
  outage: "everything" | "writes" | undefined;
}

export class MemoryRedis extends EventEmitter implements RedisCommands {
  isOpen = true;
  isReady = true;
  readonly #server: Server;
  /** Ends what this connection hears. */
  readonly #ends: (() => void)[] = [];

  constructor(server: Server = { db: new Keyspace(), outage: undefined }) {
    super();
    this.#server = server;
    outageOf(this).isConnectionWatched = true; // an outage is what a test wants: no warnings of it
  }

  /** Another connection to the same memory. */
  duplicate(): MemoryRedis {
    return new MemoryRedis(this.#server);
  }

  // ---- the connection -----------------------------------------------------------------------------------------------

  goDown(what: "everything" | "writes" = "everything"): void {
    this.#server.outage = what;
  }

  comeBack(): void {
    this.#server.outage = undefined;
  }

  async connect(): Promise<this> {
    this.isOpen = this.isReady = true;
    return this;
  }

  async close(): Promise<void> {
    this.destroy();
  }

  async quit(): Promise<string> {
    this.destroy();
    return "OK";
  }

  destroy(): void {
    this.isOpen = this.isReady = false;
    for (const end of this.#ends.splice(0)) end();
  }

  /** There is no socket that could keep a process alive. */
  unref(): void {}

  ping(): Promise<string> {
    return this.#read(() => "PONG");
  }

  sendCommand([name = ""]: string[]): Promise<unknown> {
    if (name === "PING") return this.ping();
    return name === "WAIT" ? this.#read(() => 0) : unsupported(name); // there are no replicas
  }

  /** The same memory. With a mapping, which this package only has for maps, a hash is a list, as the caller then says. */
  withTypeMapping<C = RedisCommands>(mapping: object): C {
    const asLists = { hGetAll: (key: string) => this.#read((db) => [...(db.hash(key) ?? [])].flat()) };
    const isUsual = Object.getOwnPropertyNames(mapping).length === 0;
    return (isUsual ? this : asLists) as C; // the caller names the type, as with a client
  }

  // ---- keys ---------------------------------------------------------------------------------------------------------

  async flushDb(): Promise<string> {
    this.#server.db.clear();
    return "OK";
  }

  exists(key: string): Promise<number> {
    return this.#read((db) => Number(db.has(key)));
  }

  ttl(key: string): Promise<number> {
    return this.#read((db) => db.secondsLeft(key));
  }

  expire(key: string, seconds: number): Promise<number> {
    return this.#read((db) => Number(db.expire(key, seconds)));
  }

  unlink(keys: string | string[]): Promise<number> {
    return this.#read((db) => [keys].flat().filter((key) => db.remove(key)).length);
  }

  /** All keys in one step. The pattern is a prefix whose special characters are escaped, and a star. */
  scan(_cursor: string, { MATCH }: { MATCH: string }): Promise<{ cursor: string; keys: string[] }> {
    const prefix = MATCH.slice(0, -1).replace(/\\(.)/gs, "$1");
    return this.#read((db) => ({ cursor: "0", keys: db.keys().filter((key) => key.startsWith(prefix)) }));
  }

  // ---- texts and hashes ---------------------------------------------------------------------------------------------

  get(key: string): Promise<string | null> {
    return this.#read((db) => db.text(key) ?? null);
  }

  set(key: string, value: string, { condition, expiration }: RedisSetOptions = {}): Promise<string | null> {
    return this.#write((db) => {
      if (condition === "NX" && db.has(key)) return null;
      db.setText(key, value, expiration?.value);
      return "OK";
    });
  }

  strLen(key: string): Promise<number> {
    return this.#read((db) => Buffer.byteLength(db.text(key) ?? ""));
  }

  hGetAll(key: string): Promise<Record<string, string>> {
    return this.#read((db) => Object.fromEntries(db.hash(key) ?? []));
  }

  hmGet(key: string, fields: string[]): Promise<(string | null)[]> {
    return this.#read((db) => fields.map((field) => db.hash(key)?.get(field) ?? null));
  }

  hStrLen(key: string, field: string): Promise<number> {
    return this.#read((db) => Buffer.byteLength(db.hash(key)?.get(field) ?? ""));
  }

  // ---- scripts ------------------------------------------------------------------------------------------------------

  evalSha(sha1: string, { keys: [key = "", ...others], arguments: args }: ScriptInput): Promise<unknown> {
    return this.#write((db) => {
      const run = scriptsInMemory.get(sha1);
      if (!run) throw new Error("NOSCRIPT No matching script. Please use EVAL.");
      return run(db, key, args, ...others);
    });
  }

  async eval(source: string, input: ScriptInput): Promise<unknown> {
    const { sha1 } = defineScript(source);
    return scriptsInMemory.has(sha1) ? this.evalSha(sha1, input) : unsupported("this script");
  }

  // ---- messages -----------------------------------------------------------------------------------------------------

  subscribe(channel: string, listener: (message: string) => void): Promise<void> {
    return this.#read((db) => {
      db.subscribe(channel, listener);
      this.#ends.push(() => db.unsubscribe(channel, listener));
    });
  }

  // ---- what sessions and logins do not need -------------------------------------------------------------------------

  mGet = () => unsupported("MGET");
  hSet = () => unsupported("HSET");
  hDel = () => unsupported("HDEL");
  hIncrBy = () => unsupported("HINCRBY");
  sAdd = () => unsupported("SADD");
  sRem = () => unsupported("SREM");
  sCard = () => unsupported("SCARD");
  sIsMember = () => unsupported("SISMEMBER");
  sMembers = () => unsupported("SMEMBERS");
  zRange = () => unsupported("ZRANGE");

  /** Also for what Redis allows while its memory is full. */
  async #read<T>(work: (db: Keyspace) => T): Promise<T> {
    if (!this.isOpen) throw new Error("The client is closed");
    if (this.#server.outage === "everything") throw new Error("The client is offline");
    return work(this.#server.db);
  }

  async #write<T>(work: (db: Keyspace) => T): Promise<T> {
    if (this.#server.outage === "writes") throw new Error("OOM command not allowed when used memory > 'maxmemory'.");
    return this.#read(work);
  }
}

async function unsupported(what: string): Promise<never> {
  throw new HoldfastError(
    codes.TESTING_UNSUPPORTED,
    `The Redis of holdfast/testing does not know ${what}: it has what sessions and logins need. A migration, the ` +
      "console and your own commands need a real server; docs/testing.md says how to start one.",
  );
}
