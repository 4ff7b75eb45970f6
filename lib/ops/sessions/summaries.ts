/** What a list of sessions says about each, and which sessions it is about. */
import { optionInvalid } from "../../errors/index.js";
import type { RedisSessionStore } from "../../express-session/index.js";
import type { ProgressOptions } from "./progress-options.js";
import { hashOf, shownDigits } from "./session-hash.js";
import type { Found, ReadOptions, SessionReader } from "./session-reader.js";
import { timesOf } from "./session-times.js";
import { userIn, type SessionUser } from "./session-user.js";
import { parserOf, type Values } from "./session-values.js";

/** A session in a list. What a session does not tell is `undefined`. */
export interface SessionSummary {
  /** The first 8 digits of the SHA-256 of its id, as in all messages. */
  readonly session: string;
  /** The id of the user who is logged in. */
  readonly user: string | undefined;
  /** Their name, if `holdfast/auth` logged them in. */
  readonly username: string | undefined;
  /** Seconds since the login of `holdfast/auth` began. */
  readonly age: number | undefined;
  /** Seconds since the session was last known to be in use, to within the touch interval (at most a minute). */
  readonly idle: number | undefined;
  /** Seconds until it expires; `undefined` if it does not expire. */
  readonly ttl: number | undefined;
  /**
   * Bytes of its text, or of the names and values of its hash, as Redis holds them: as the option `maxBytes` counts
   * them, unless the options `compress` or `encrypt` gave them another form.
   */
  readonly size: number;
  /** False for what Redis holds under the prefix and is not a session. Only an explicit `end` removes it. */
  readonly isReadable: boolean;
}

/** Which sessions are listed: those to which all of it applies. */
export interface SessionFilter {
  /** The id of the user who is logged in. @default any, or none */
  readonly user?: string | undefined;
  /**
   * Seconds for which they have not been in use at least. Sessions of which that is not known are left out.
   *
   * @default any
   */
  readonly idle?: number | undefined;
  /** Bytes that they exceed. @default any */
  readonly largerThan?: number | undefined;
}

export interface Listed {
  readonly found: Found;
  readonly values: Values;
  readonly summary: SessionSummary;
}

export interface SummaryOptions {
  /** Where the app keeps the id of the user, such as `["account", "id"]`. */
  readonly userPath: readonly string[] | undefined;
  /** The lifetime in seconds of a session whose cookie has none; undefined if not known. */
  readonly ttl: number | undefined;
}

type ListOptions = Pick<ProgressOptions, "onUnreadable" | "signal"> & Pick<ReadOptions, "onVanished">;

export class Summaries {
  readonly #reader: SessionReader;
  readonly #parse: ReturnType<typeof parserOf>;
  readonly #isJson: boolean;
  readonly #options: SummaryOptions;

  constructor(reader: SessionReader, store: RedisSessionStore, options: SummaryOptions) {
    this.#reader = reader;
    this.#parse = parserOf(store);
    this.#isJson = store.serializer === JSON;
    this.#options = options;
  }

  /** In batches as they are found. */
  async *list(filter: SessionFilter, { onUnreadable, onVanished, signal }: ListOptions = {}): AsyncGenerator<Listed[]> {
    checkFilter(filter);
    let unreadable = 0;
    const { userPath } = this.#options;
    const fields = ["cookie", "login", "passport", "lastActivity", ...(userPath ? [userPath[0]!] : [])];
    for await (const group of this.#reader.read({ fields, contains: this.#searchFor(filter), signal, onVanished })) {
      const listed: Listed[] = [];
      for (const found of group) {
        const values = this.#parse(found.stored, found.bytes);
        const one = this.of(found, values instanceof Promise ? await values : values);
        if (matches(one.summary, filter)) listed.push(one);
        else if (!one.summary.isReadable && filter.user !== undefined) onUnreadable?.(++unreadable);
      }
      yield listed;
    }
  }

  async parse({ stored, bytes }: Found): Promise<Values> {
    return this.#parse(stored, bytes);
  }

  of(found: Found, values: Values, now = Date.now()): Listed {
    const { sid, bytes, milliseconds } = found;
    const { ttl, userPath } = this.#options;
    const known: Partial<SessionUser> | undefined = values && userIn(values, userPath);
    const times = values && timesOf(values, { milliseconds, ttl }, now);
    const summary: SessionSummary = {
      session: hashOf(sid).slice(0, shownDigits),
      user: known?.user,
      username: known?.username,
      age: times?.age,
      idle: times?.idle,
      ttl: milliseconds === undefined ? undefined : Math.ceil(milliseconds / 1000),
      size: bytes,
      isReadable: values !== undefined,
    };
    return { found, values, summary };
  }

  /** JSON writes such an id in one way only, so Redis itself can leave out the sessions of others. */
  #searchFor({ user }: SessionFilter): string | undefined {
    return user !== undefined && this.#isJson && /^[\w@.:+-]+$/.test(user) ? user : undefined;
  }
}

function matches({ user, idle, size }: SessionSummary, filter: SessionFilter): boolean {
  if (filter.user !== undefined && filter.user !== user) return false;
  if (filter.idle !== undefined && !(idle !== undefined && idle >= filter.idle)) return false;
  return filter.largerThan === undefined || size > filter.largerThan;
}

/** @throws HoldfastError `HOLDFAST_OPTION_INVALID` */
function checkFilter(filter: SessionFilter): void {
  for (const name of ["idle", "largerThan"] as const) {
    const value: unknown = filter[name];
    if (value !== undefined && !(typeof value === "number" && value >= 0))
      throw optionInvalid(`\`${name}\` must be a number of ${name === "idle" ? "seconds" : "bytes"}, 0 or more`);
  }
}
