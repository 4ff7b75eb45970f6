/** A connection of our own: its beginning, its errors in words, and its end. */
import { setTimeout as delay } from "node:timers/promises";
import type { RedisClientType } from "redis";
import type { RedisConnectionOptions } from "./connection-options.js";
import { createOwnClient, reconnectDelay, type RedisConnectionClient } from "./create-client.js";
import { describeConnectFailure } from "./describe-failure.js";
import { outageIsOver, warnOfOutage } from "./outage-warning.js";

export interface RedisConnection<C extends RedisConnectionClient = RedisConnectionClient> {
  readonly client: C;
  /** The address, without user and password. */
  readonly address: string;
  /** Resolves when the first attempt to connect has ended, well or not. */
  readonly attempted: Promise<void>;
  /** Resolves once Redis answers; rejects with the reason, in words, when the first attempt fails. */
  ready(): Promise<void>;
  /** Waits for the commands under way, then ends the connection. May be called twice. */
  close(): Promise<void>;
}

/**
 * Connects to Redis, at once and in the background; use `ready()` to wait for it. Reconnects by itself until `close()`.
 *
 * @throws HoldfastError `HOLDFAST_REDIS_URL_INVALID` when the address cannot be used, `HOLDFAST_OPTION_INVALID`
 */
export function connectToRedis(
  options?: RedisConnectionOptions & { sentinel?: undefined; cluster?: undefined },
): RedisConnection<RedisClientType>;
export function connectToRedis(options: RedisConnectionOptions): RedisConnection;
export function connectToRedis(options: RedisConnectionOptions = {}): RedisConnection {
  const { client, shown } = createOwnClient(options);
  const timeout = options.connectTimeout ?? 5000;
  const state: State = { client, isClosed: false, isAwaited: false, lastError: undefined };
  listen(state, shown);

  const opened = openAndKeepTrying(state);
  const opening = firstAttempt(state, opened, timeout).catch((error: unknown) => {
    throw describeConnectFailure(error, shown);
  });
  const attempted = opening.catch(() => {}); // whoever asks ready() hears of it

  return {
    client,
    address: shown,
    attempted,
    async ready() {
      state.isAwaited = true;
      if (!client.isReady) await opening;
      if (!client.isReady) throw describeConnectFailure(state.lastError ?? new Error("ECONNRESET"), shown);
      await within(timeout, client.ping()).catch((error: unknown) => {
        throw describeConnectFailure(error, shown);
      });
    },
    async close() {
      if (state.isClosed) return;
      state.isClosed = true;
      if (!client.isOpen) return;
      const isIdle = client.isReady ? await within(timeout, client.close()).then(yes, no) : false;
      if (!isIdle && client.isOpen) await client.destroy();
    },
  };
}

interface State {
  readonly client: RedisConnectionClient;
  isClosed: boolean;
  /** Somebody waits in `ready()` and will hear why it failed. */
  isAwaited: boolean;
  lastError: unknown;
}

/** A single client tries again by itself; cluster and sentinel give up when no node answers at the start. */
async function openAndKeepTrying(state: State): Promise<void> {
  for (let attempt = 0; !state.isClosed; attempt++) {
    try {
      await state.client.connect();
      return;
    } catch (error) {
      state.lastError ??= error;
      await delay(reconnectDelay(attempt), undefined, { ref: false });
    }
  }
}

/** Settles with the first attempt's result; later attempts go on in the background. */
function firstAttempt(state: State, opened: Promise<void>, timeout: number): Promise<void> {
  const { client } = state;
  const isSingle = !("masters" in client) && !("getSentinelNode" in client);
  // One node of several that does not answer is no failure yet.
  const failure = isSingle ? new Promise<never>((_, reject) => client.once("error", reject)) : undefined;
  const result = failure ? Promise.race([opened, failure]) : opened;
  return within(timeout, result).catch((error: unknown) => {
    throw state.lastError ?? error;
  });
}

/**
 * node-redis ends the process on an `error` event that nobody listens to; we say once that the connection is lost.
 * A first attempt that fails is left to `ready()`, where somebody waits for it.
 */
function listen(state: State, shown: string): void {
  let wasReady = false;
  const client = state.client as RedisClientType; // the events of all kinds
  const note = (error: unknown) => {
    state.lastError = error;
    if (state.isClosed || (!wasReady && state.isAwaited)) return;
    const { message } = describeConnectFailure(error, shown);
    warnOfOutage(shown, `${message} Trying again until it is back.`);
  };
  client.on("error", note);
  client.on("node-error" as "error", note); // of a cluster
  client.on("client-error" as "error", (event: unknown) => note((event as { error: unknown }).error)); // of a sentinel
  for (const event of ["ready", "connect", "node-ready"]) {
    if (event === "connect" && !("masters" in client)) continue; // a cluster's word for ready
    client.on(event, () => {
      wasReady = true;
      state.lastError = undefined;
      outageIsOver(shown);
    });
  }
}

/** `work`, or an error once `timeout` milliseconds have passed. */
function within<T>(timeout: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const tooLong = delay(timeout, undefined, { signal: timer.signal, ref: false }).then(() => {
    throw new Error("ETIMEDOUT");
  });
  tooLong.catch(() => {});
  return Promise.race([work, tooLong]).finally(() => timer.abort());
}

const yes = () => true;
const no = () => false;
