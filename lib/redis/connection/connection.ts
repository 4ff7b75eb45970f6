/** A connection that Holdfast opens: connecting, readable errors, closing. */
import type { EventEmitter } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { RedisClientType } from "redis";
import { propertyOf, realTime, within } from "../../errors/index.js";
import { ClusterRecovery } from "../clients/index.js";
import type { RedisConnectionOptions } from "./connection-options.js";
import { createOwnClient, reconnectDelay, type ClientLibrary, type RedisConnectionClient } from "./create-client.js";
import { describeConnectFailure } from "../describe-failure.js";
import { outageOf } from "../guard/outage.js";

export interface RedisConnection<C extends RedisConnectionClient = RedisConnectionClient> {
  readonly client: C;
  /** The address, without user and password. */
  readonly address: string;
  /** Resolves when the first attempt to connect has succeeded or failed. */
  readonly attempted: Promise<void>;
  /**
   * Resolves once Redis responds; rejects with a `HoldfastError` if the first attempt fails.
   *
   * @example
   * await redis.ready();
   */
  ready(): Promise<void>;
  /**
   * Waits for commands in flight, then closes the connection. May be called twice.
   *
   * @example
   * process.once("SIGTERM", () => server.close(() => void redis.close()));
   */
  close(): Promise<void>;
}

/** Starts to connect to Redis, as `connectToRedis()` does, with a client of this library. */
export function openConnection(library: ClientLibrary, options: RedisConnectionOptions): RedisConnection {
  const { client, shown } = createOwnClient(library, options);
  const connectTimeoutMs = options.connectTimeout ?? 5000;
  const state: State = { client, isClosed: false, isAwaited: false, lastError: undefined };
  listen(state, shown);

  const opened = openAndKeepTrying(state);
  const opening = firstAttempt(state, opened, connectTimeoutMs).catch((error: unknown) => {
    throw describeConnectFailure(error, shown);
  });
  const attempted = opening.catch(() => {}); // `ready()` reports it

  return {
    client,
    address: shown,
    attempted,
    async ready() {
      state.isAwaited = true;
      if (!client.isReady) await opening;
      if (!client.isReady) throw describeConnectFailure(state.lastError ?? new Error("ECONNRESET"), shown);
      await within(ping(client), connectTimeoutMs).catch((error: unknown) => {
        throw describeConnectFailure(error, shown);
      });
    },
    async close() {
      if (state.isClosed) return;
      state.isClosed = true;
      if (!client.isOpen) return;
      const isIdle = client.isReady ? await within(client.close(), connectTimeoutMs).then(yes, no) : false;
      if (isIdle || !client.isOpen) return;
      // A socket that is still connecting would reach a closed client, and keep the process alive.
      if (isSingle(client)) client.on("connect", () => client.destroy());
      await client.destroy();
    },
  };
}

interface State {
  readonly client: RedisConnectionClient;
  isClosed: boolean;
  /** `ready()` was called, so its caller gets the error. */
  isAwaited: boolean;
  lastError: unknown;
}

/** A single client retries by itself; cluster and sentinel give up if no node responds at startup. */
async function openAndKeepTrying(state: State): Promise<void> {
  const { client } = state;
  const recovery = "masters" in client ? new ClusterRecovery(client) : undefined;
  const timer = recovery && realTime.setInterval(() => recovery.giveUpConnecting(), giveUpInterval).unref();
  for (let attempt = 0; !state.isClosed; attempt++) {
    try {
      await client.connect();
      break;
    } catch (error) {
      state.lastError ??= error;
      await delay(reconnectDelay(attempt), undefined, { ref: false });
    }
  }
  realTime.clearInterval(timer);
}

/** Milliseconds. Else a cluster would wait for a server that is down, although its replica may have taken over. */
const giveUpInterval = 250;

/** Of a cluster, any server will do: another one may be down, and its replica may not have taken over yet. */
function ping(client: RedisConnectionClient): Promise<unknown> {
  if (!("masters" in client)) return client.ping();
  return Promise.any(client.masters.map(async (server) => (await client.nodeClient(server)).ping())).catch(
    (error: unknown) => {
      throw error instanceof AggregateError ? error.errors[0] : error;
    },
  );
}

function isSingle(client: RedisConnectionClient): client is RedisClientType {
  return !("masters" in client) && !("getSentinelNode" in client);
}

/** Settles with the result of the first attempt; later attempts continue in the background. */
function firstAttempt(state: State, opened: Promise<void>, connectTimeoutMs: number): Promise<void> {
  const { client } = state;
  // If there are several nodes, one that does not respond is not a failure yet.
  const failure = isSingle(client) ? new Promise<never>((_, reject) => client.once("error", reject)) : undefined;
  const result = failure ? Promise.race([opened, failure]) : opened;
  return within(result, connectTimeoutMs).catch((error: unknown) => {
    throw state.lastError ?? error;
  });
}

/**
 * An `error` event without a listener would end the process; we warn once that the connection is lost. If the first
 * attempt fails while `ready()` is awaited, the error is left to that.
 */
function listen(state: State, shown: string): void {
  let wasReady = false;
  const { client } = state;
  const emitter: EventEmitter = client; // some of the names are those of one kind of client only
  const outage = outageOf(client);
  outage.shown = `Redis at ${shown}`;
  outage.isConnectionWatched = true;
  const note = (error: unknown) => {
    state.lastError = outage.obstacle = error;
    if (state.isClosed || (!wasReady && state.isAwaited)) return;
    const { message } = describeConnectFailure(error, shown);
    outage.begin("disconnected", `${message} Trying again until it is back.`);
  };
  emitter.on("error", note);
  emitter.on("node-error", note); // of a cluster
  emitter.on("client-error", (event: unknown) => note(propertyOf(event, "error"))); // of a sentinel
  for (const event of ["ready", "connect", "node-ready"]) {
    if (event === "connect" && !("masters" in client)) continue; // for a cluster this means ready
    emitter.on(event, () => {
      wasReady = true;
      state.lastError = outage.obstacle = undefined;
      outage.end("disconnected");
    });
  }
}

const yes = () => true;
const no = () => false;
