/**
 * What this process knows about recently seen logins: whose sessions they are, so that the status of a login can be
 * requested together with its session, in one round trip; and when it saw them, by its monotonic clock, which
 * adjustments of the wall clock do not affect.
 */
import { uptime } from "node:os";
import type { LoginState } from "./device-entry.js";
import { clockSkew, type Lasted, type LoginRecord, type LoginRef } from "./login-record.js";

/** Beyond this, the least recently seen logins are forgotten, which costs each of them one extra round trip. */
const capacity = 10_000;

/** The part of a login that its check needs. */
interface Asked extends LoginRef {
  readonly userId: string;
}

interface Known extends Asked {
  /** From the session. */
  readonly seen: number;
  /** Milliseconds that it had lasted when it was last used, as far as this process knows. */
  readonly age: number;
  /** When that was, by the monotonic clock and by the wall clock. */
  readonly at: number;
  readonly wall: number;
}

interface Prefetched extends Asked {
  readonly state: Promise<LoginState>;
  /** By the monotonic clock, in milliseconds. */
  readonly askedAt: number;
}

/** Milliseconds for which a prefetched state is current: reading a request body may take longer. */
const freshFor = 500;

export class RecentLogins {
  readonly #bySession = new Map<string, Known>();
  readonly #prefetched = new WeakMap<object, Prefetched>();

  /**
   * @param age how long the login has lasted, in milliseconds
   * @param idle how long ago it was last used, in milliseconds
   */
  note(sid: string, { user, device, epoch, since, seen }: LoginRecord, age: number, idle = 0): void {
    this.#bySession.delete(sid); // keeps the map in the order of the last visits
    const [at, wall] = [performance.now() - idle, Date.now() - idle];
    this.#bySession.set(sid, { userId: user.id, device, epoch, since, seen, age: age - idle, at, wall });
    if (this.#bySession.size > capacity) this.#bySession.delete(this.#bySession.keys().next().value!);
  }

  /** Requests the state in advance, while the session is being read. */
  prefetch(reading: object, sid: string, ask: (userId: string, login: Asked) => Promise<LoginState>): void {
    const known = this.#bySession.get(sid);
    if (!known) return;
    const state = ask(known.userId, known);
    state.catch(() => {}); // reported where it is awaited
    this.#prefetched.set(reading, { ...known, state, askedAt: performance.now() });
  }

  /** Takes the prefetched state; undefined if there is none, or it is for another login. */
  takePrefetched(reading: object, login: LoginRecord): Promise<LoginState> | undefined {
    const prefetched = this.#prefetched.get(reading);
    this.#prefetched.delete(reading); // once only: the request may log in again
    if (!prefetched || performance.now() - prefetched.askedAt > freshFor) return undefined;
    return isOf(prefetched, login) && prefetched.since === login.since ? prefetched.state : undefined;
  }

  /**
   * How long ago this login began and was last used: by the monotonic clock if this process has seen it, otherwise by
   * the wall clock, where a time in the future counts as now.
   */
  lasted(sid: string | undefined, login: LoginRecord, now: number): Lasted {
    const wall = { age: Math.max(0, now - login.since), idle: Math.max(0, now - login.seen) };
    const known = sid === undefined ? undefined : this.#bySession.get(sid);
    if (!known || !isOf(known, login)) return wall;
    const passed = passedSince(known, now);
    // An older time than the one this process wrote comes from another writer, and is respected.
    const idle = login.seen === known.seen ? passed : login.seen > known.seen ? Math.min(wall.idle, passed) : wall.idle;
    return { age: login.since === known.since ? known.age + passed : wall.age, idle };
  }
}

function isOf(known: Asked, { user, device, epoch }: LoginRecord): boolean {
  return known.device === device && known.epoch === epoch && known.userId === user.id;
}

function passedSince({ at, wall }: Known, now: number): number {
  const passed = performance.now() - at;
  // The clocks differ: the wall clock was adjusted, or the machine was suspended, which stops the monotonic clock.
  return Math.abs(now - wall - passed) > clockSkew ? passed + suspended() : passed;
}

const uptimeAhead = () => uptime() * 1000 - performance.now();
const aheadAtStart = uptimeAhead();

/** Milliseconds that the machine was suspended since this process started. */
function suspended(): number {
  return Math.max(0, uptimeAhead() - aheadAtStart);
}
