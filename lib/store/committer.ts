/**
 * Saving: what this request changed, against its base, is written only if the stored session is still that base; else
 * it is merged onto what is stored and tried again. Optimistic, so that no request can hold up another.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { SessionData } from "express-session";
import { codes, HoldfastError, sessionLabel } from "../errors/index.js";
import type { JsonLayout } from "./json-layout.js";
import { sameSettings, settingsOf, type CookieSettings } from "./cookie-settings.js";
import type { JsonObject } from "./json.js";
import type { Lifetime } from "./lifetime.js";
import { mergeSessions } from "./merge.js";
import type { RuleNode } from "./merge-rules.js";
import { isReservedKey } from "./reserved-keys.js";
import type { SessionCodec } from "./session-codec.js";
import { bodyOf } from "./session-text.js";

/** The session as this request loaded it, or last saved it. */
interface Base {
  /** What Redis held then, to the letter. */
  stored: string;
  /** This request's session then, as text. Not `stored` after a merge: the request goes on with its own view. */
  mine: string;
  /** The body of `mine`, for a quick comparison. */
  body: string;
  /** The settings of `mine`'s cookie. */
  cookie: CookieSettings;
}

/** A session at the moment of saving; the object itself may change while the save is under way. */
interface Snapshot {
  sid: string;
  text: string;
  body: string;
  cookie: CookieSettings;
  seconds: number;
}

export type CommitOutcome = "saved" | "unchanged" | "gone";

/** Each failed attempt means that another save of this session succeeded; so many in a row means a runaway client. */
const maxAttempts = 200;

export interface CommitterParts {
  keyOf: (sid: string) => string;
  layout: JsonLayout;
  codec: SessionCodec;
  lifetime: Lifetime;
  rules: RuleNode;
}

export class Committer {
  readonly #parts: CommitterParts;
  /** By the session object, or by the plain data that `store.get()` returned. */
  readonly #bases = new WeakMap<object, Base>();
  /** The save under way of each object: the next waits for it and starts from what it wrote. */
  readonly #saving = new WeakMap<object, Promise<CommitOutcome>>();

  constructor(parts: CommitterParts) {
    this.#parts = parts;
  }

  /** Notes that `data` was read from Redis as `text`; returns its body. */
  adopt(data: SessionData, text: string): string {
    const body = this.#parts.codec.bodyOf(text, data);
    this.#bases.set(data, { stored: text, mine: text, body, cookie: settingsOf(data.cookie) });
    return body;
  }

  /** The session object made of loaded data takes over its base. */
  move(from: object, to: object): void {
    const base = this.#bases.get(from);
    if (base) this.#bases.set(to, base);
  }

  /** The text in Redis that this object was loaded from or saved as; `undefined` for a new session. */
  storedText(data: object): string | undefined {
    return this.#bases.get(data)?.stored;
  }

  /** Whether the cookie got other settings (as by "remember me") since the session was loaded. */
  hasNewCookieSettings(data: SessionData): boolean {
    const base = this.#bases.get(data);
    return base !== undefined && !sameSettings(base.cookie, data.cookie);
  }

  commit(sid: string, data: SessionData, body = bodyOf(data)): Promise<CommitOutcome> {
    const { codec, lifetime } = this.#parts;
    const text = codec.stringify(data, body);
    const mine: Snapshot = { sid, text, body, cookie: settingsOf(data.cookie), seconds: lifetime.seconds(data) };
    const before = this.#saving.get(data);
    const run = before ? before.catch(() => {}).then(() => this.#save(data, mine)) : this.#save(data, mine);
    this.#saving.set(data, run);
    return run;
  }

  async #save(data: object, mine: Snapshot): Promise<CommitOutcome> {
    const { keyOf, layout, lifetime } = this.#parts;
    const base = this.#bases.get(data);
    if (base && base.body === mine.body && sameSettings(base.cookie, mine.cookie)) return "unchanged";
    const key = keyOf(mine.sid);
    let stored = mine.text;
    if (mine.seconds <= 0) await layout.remove([key]);
    else if (!base) await layout.write(key, mine.text, lifetime.expiry(mine.seconds));
    else {
      const written = await this.#replace(key, base, mine);
      if (written === undefined) return "gone";
      stored = written;
    }
    this.#bases.set(data, { stored, mine: mine.text, body: mine.body, cookie: mine.cookie });
    lifetime.noteRefresh(mine.sid);
    return "saved";
  }

  /** The text that was written in the end; `undefined` if the session is gone. */
  async #replace(key: string, base: Base, mine: Snapshot): Promise<string | undefined> {
    const { layout, lifetime } = this.#parts;
    let expected = base.stored;
    let next = base.mine === base.stored ? mine : await this.#merge(base, mine, expected);
    for (let attempt = 1; next; attempt++) {
      const result = await layout.replace(key, expected, next.text, lifetime.expiry(next.seconds));
      if (result.outcome === "replaced") return next.text;
      if (result.outcome === "gone") return undefined;
      if (attempt === maxAttempts) throw contended(mine.sid);
      // Each round one save of a crowd succeeds, so waiting would only slow it down; but a crowd this big may spread out.
      if (attempt > 50) await delay(Math.random() * attempt);
      expected = result.stored;
      next = await this.#merge(base, mine, expected);
    }
    return undefined;
  }

  /** My change, brought onto `theirs`; `undefined` if that is not a session any more. */
  async #merge(base: Base, mine: Snapshot, theirs: string): Promise<{ text: string; seconds: number } | undefined> {
    const { codec, lifetime, rules } = this.#parts;
    const parse = (text: string) => codec.parse(mine.sid, text) as Promise<JsonObject | undefined>;
    const [before, own, stored] = await Promise.all([parse(base.mine), parse(mine.text), parse(theirs)]);
    if (!before || !own || !stored) return undefined;
    const merged = mergeSessions(before, own, stored, rules, isReservedKey) as unknown as SessionData;
    return { text: codec.stringify(merged, bodyOf(merged)), seconds: lifetime.seconds(merged) };
  }
}

function contended(sid: string): HoldfastError {
  return new HoldfastError(
    codes.SESSION_CONTENDED,
    `Session ${sessionLabel(sid)} was changed by other requests each of the ${maxAttempts} times that this one tried to save it. ` +
      "Something sends requests of one visitor in a loop; look for it in the access log.",
    { status: 503, headers: { "Retry-After": "1" } },
  );
}
