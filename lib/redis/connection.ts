/** A connection of our own: its settings, its errors in words, its beginning and its end. */
import { setTimeout as delay } from "node:timers/promises";
import { createClient, type RedisClientType } from "redis";
import { allowAgain, codes, warnOnce } from "../errors/index.js";
import { describeConnectFailure } from "./describe-failure.js";
import { resolveAddress } from "./settings.js";

export interface RedisConnectionOptions {
  /** As `redis://user:password@host:6379/0`; default: `REDIS_URL`, else the other `REDIS_*` variables, else localhost. */
  url?: string;
  /** Milliseconds to wait for a connection. Default 5000. */
  connectTimeout?: number;
  /** Milliseconds to wait for the answer to a command. Default 5000. */
  commandTimeout?: number;
}

export interface RedisConnection {
  readonly client: RedisClientType;
  /** The address, without user and password. */
  readonly address: string;
  /** Resolves when the first attempt to connect has ended, well or not. */
  readonly attempted: Promise<void>;
  /** Resolves once Redis answers; rejects with the reason, in words, when the first attempt fails. */
  ready(): Promise<void>;
  /** Waits for the commands under way, then ends the connection. May be called twice. */
  close(): Promise<void>;
}

/** Backoff between attempts to reconnect: 50 ms, doubled up to half a second, a third of it at random. */
export function reconnectDelay(attempt: number, random = Math.random): number {
  const full = Math.min(50 * 2 ** Math.min(attempt, 10), 500);
  return Math.round(full - (full / 3) * random());
}

/**
 * Connects to Redis, at once and in the background; use `ready()` to wait for it. Reconnects by itself until `close()`.
 *
 * @throws HoldfastError `HOLDFAST_REDIS_URL_INVALID` when the address cannot be used
 */
export function connectToRedis(options: RedisConnectionOptions = {}): RedisConnection {
  const { url, shown } = resolveAddress(options.url);
  const connectTimeout = options.connectTimeout ?? 5000;
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandOptions: { timeout: options.commandTimeout ?? 5000 },
    socket: { connectTimeout, reconnectStrategy: (attempt) => reconnectDelay(attempt) },
  }) as RedisClientType;

  const opening = firstAttempt(client, shown, connectTimeout);
  const attempted = opening.catch(() => {}); // whoever asks ready() hears of it
  let isAwaited = false;
  reportOutages(client, shown, () => isAwaited);

  return {
    client,
    address: shown,
    attempted,
    async ready() {
      isAwaited = true;
      if (!client.isReady) await opening;
      if (!client.isReady) throw describeConnectFailure(new Error("ECONNRESET"), shown);
      await client.ping().catch((error: unknown) => {
        throw describeConnectFailure(error, shown);
      });
    },
    async close() {
      if (!client.isOpen) return;
      if (client.isReady) await client.close();
      else client.destroy();
    },
  };
}

/** Settles with the first attempt's result; later attempts go on in the background. */
function firstAttempt(client: RedisClientType, shown: string, timeout: number): Promise<void> {
  const timer = new AbortController();
  const failure = new Promise<never>((_, reject) => client.once("error", reject));
  const connected = client.connect().then(() => {});
  const tooLong = delay(timeout, undefined, { signal: timer.signal, ref: false }).then(() => {
    throw new Error("ETIMEDOUT");
  });
  return Promise.race([connected, failure, tooLong])
    .catch((error: unknown) => {
      throw describeConnectFailure(error, shown);
    })
    .finally(() => timer.abort());
}

/**
 * node-redis ends the process on an `error` event that nobody listens to; we say once that the connection is lost.
 * A first attempt that fails is left to `ready()`, where somebody waits for it.
 */
function reportOutages(client: RedisClientType, shown: string, isAwaited: () => boolean): void {
  let wasReady = false;
  client.on("error", (error: unknown) => {
    if (!wasReady && isAwaited()) return;
    const { message } = describeConnectFailure(error, shown);
    warnOnce(codes.REDIS_CONNECTION_LOST, `${message} Trying again until it is back.`, shown);
  });
  client.on("ready", () => {
    wasReady = true;
    allowAgain(codes.REDIS_CONNECTION_LOST, shown);
  });
}
