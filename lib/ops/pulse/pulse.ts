/** Each process leaves a small pulse in Redis every few seconds, from which one place can show all processes. */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { codes, errorText, HoldfastError, optionInvalid, setupInvalid, warnOnce } from "../../errors/index.js";
import { repositoryOf } from "../../express-session/index.js";
import { defineScript, guardClient, outageOf, runScript, type RedisClient } from "../../redis/index.js";
import { targetOf, type Observable } from "../target.js";
import { keyOfPulse, pulseKey } from "./pulse-keys.js";
import type { StoredPulse } from "./pulse-types.js";
import { RedisState } from "./redis-state.js";
import { leavePulseSource } from "./scripts/embedded.js";
import { Tally } from "./tally.js";
import { Vitals } from "./vitals.js";

export interface PulseOptions {
  /**
   * Milliseconds between two pulses, from 1000 to 60,000. A process that has ended is forgotten after three of them.
   *
   * @default 5000
   */
  interval?: number | undefined;
  /**
   * What to call this middleware, to tell several in one process apart.
   *
   * @default "sessions"
   */
  name?: string | undefined;
  /**
   * The version of the app, to follow a deployment.
   *
   * @default process.env.npm_package_version
   */
  version?: string | undefined;
  /**
   * The key of the index in Redis; pulses have keys that begin with it. On a cluster, it must contain a `{tag}`.
   *
   * @default "{holdfast:pulse}"
   */
  key?: string | undefined;
}

export interface RunningPulse {
  /** The id of this process in `readPulses()`. */
  readonly id: string;
  /**
   * Ends it, and removes it from Redis. Never rejects.
   *
   * @example
   * const running = pulse(sessions);
   * process.once("SIGTERM", () => running.stop());
   */
  stop(): Promise<void>;
}

const leaveScript = defineScript(leavePulseSource);
/** Seconds that the index outlives its last process. */
const indexTtl = 3600;

/**
 * Leaves a pulse of this process in Redis every few seconds: what has happened to the sessions of this middleware, or of
 * `{ store }`, and how the process is. `readPulses()` reads all of them. It never throws into the app, sends one small
 * command at a time, and does not keep the process alive. While Redis is down, it waits for it.
 *
 * @throws HoldfastError `HOLDFAST_OPTION_INVALID`
 *
 * @example
 * const { stop } = pulse(sessions, { interval: 10_000 });
 */
export function pulse(sessions: Observable, options: PulseOptions = {}): RunningPulse {
  const { store } = targetOf(sessions);
  const sender = start(sessions, options);
  ofApp.add(store);
  void standIns.get(store)?.stop();
  return sender;
}

/** Stores whose app calls `pulse()` itself, and pulses that stand in where it does not. */
const ofApp = new WeakSet<object>();
const standIns = new WeakMap<object, RunningPulse>();

/** @internal A pulse unless the app has one, or until it has: a process must not be counted twice. */
export function standInPulse(sessions: Observable, options: PulseOptions): RunningPulse | undefined {
  const { store } = targetOf(sessions);
  if (ofApp.has(store)) return undefined;
  const sender = start(sessions, options);
  standIns.set(store, sender);
  return sender;
}

function start(sessions: Observable, options: PulseOptions): RunningPulse {
  const { store, redis } = targetOf(sessions);
  if (!redis)
    throw setupInvalid("A pulse needs sessions in Redis: redisSession(), RedisSessionStore or MigratingStore.");
  const {
    interval = 5000,
    key = pulseKey,
    name = "sessions",
    version = process.env["npm_package_version"] ?? "",
  } = options;
  if (!(interval >= 1000 && interval <= 60_000))
    throw optionInvalid("`interval` must be a number of milliseconds from 1000 to 60,000");
  for (const [option, text] of Object.entries({ key, name, version }))
    if (typeof text !== "string") throw optionInvalid(`\`${option}\` must be a text`);
  const tally = new Tally([store, redis], repositoryOf(redis).hasNearCache);
  return new Sender(redis.client, tally, { interval, key, name, version });
}

class Sender implements RunningPulse {
  readonly id = randomBytes(8).toString("hex");
  readonly #redis: ReturnType<typeof guardClient>;
  readonly #tally: Tally;
  readonly #state: RedisState;
  readonly #vitals = new Vitals();
  readonly #settings: { readonly interval: number; readonly key: string };
  readonly #about: Pick<StoredPulse, "id" | "name" | "host" | "pid" | "version" | "started">;
  readonly #timer: NodeJS.Timeout;
  #sending: Promise<void> | undefined;
  #takenAt = performance.now();
  #isStopped = false;

  constructor(
    client: RedisClient,
    tally: Tally,
    settings: { interval: number; key: string; name: string; version: string },
  ) {
    const { name, version } = settings;
    const outage = outageOf(client);
    this.#redis = guardClient(client);
    this.#tally = tally;
    this.#state = new RedisState(this.#redis, () => outage.isOn);
    this.#settings = settings;
    this.#about = { id: this.id, name, host: hostname(), pid: process.pid, version, started: Date.now() };
    this.#timer = setInterval(() => this.#send(), settings.interval).unref();
    this.#send();
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return this.#sending;
    this.#isStopped = true;
    clearInterval(this.#timer);
    for (const part of [this.#tally, this.#state, this.#vitals]) part.stop();
    const remove = () => this.#redis.unlink(keyOfPulse(this.#settings.key, this.id)); // the index forgets it by itself
    this.#sending = (this.#sending ?? Promise.resolve()).then(remove).then(
      () => {},
      () => {},
    );
    return this.#sending;
  }

  /** While the last pulse has no reply, none is sent: the next one is about a longer interval. */
  #send(): void {
    if (this.#sending || !this.#redis.isOpen) return;
    const { interval, key } = this.#settings;
    const ttl = Math.ceil((interval * 3) / 1000);
    const keys = [key, keyOfPulse(key, this.id)];
    const args = [this.id, JSON.stringify(this.#take()), String(ttl), String(indexTtl)];
    this.#sending = runScript(this.#redis, leaveScript, keys, args)
      .then(() => {}, warnUnlessDown)
      .finally(() => (this.#sending = undefined));
  }

  #take(): StoredPulse {
    const now = performance.now();
    const seconds = Math.round(now - this.#takenAt) / 1000;
    this.#takenAt = now;
    const { find, save, ...counts } = this.#tally.take();
    const times = { ...(find && { find }), ...(save && { save }) };
    return {
      ...this.#about,
      at: Date.now(),
      seconds,
      ...counts,
      ...times,
      redis: this.#state.now,
      ...this.#vitals.take(),
    };
  }
}

/** Outages have their own warnings, and nobody looks for the pulse of an app's tests. */
function warnUnlessDown(error: unknown): void {
  const { reason, code } = HoldfastError.is(error) ? error : {};
  if (code === codes.TESTING_UNSUPPORTED) return;
  if (reason === "timeout" || reason === "down" || reason === "reset") return;
  warnOnce(
    codes.PULSE_FAILED,
    `The pulse of this process cannot be written to Redis: ${errorText(error)} ` +
      'The user needs the rights that docs/production.md lists under "The Redis user".',
    reason,
  );
}
