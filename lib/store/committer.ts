/**
 * Saving: what this request changed, against its base, is written only if the stored session is still that base; else
 * it is merged onto what is stored and tried again. Optimistic, so that no request can hold up another.
 */
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { SessionData } from "express-session";
import { codes, HoldfastError, sessionLabel } from "../errors/index.js";
import { sameSettings, settingsOf, type CookieSettings } from "./cookie-settings.js";
import type { Base, Body, Layout, Snapshot, Stored } from "./layout.js";
import type { Lifetime } from "./lifetime.js";
import type { OpenedSession } from "./session-codec.js";
import { stringify } from "./session-text.js";

export type CommitOutcome = "saved" | "unchanged" | "gone";

/** Each failed attempt means that another save of this session succeeded; so many in a row means a runaway client. */
const maxAttempts = 200;

export interface CommitterParts {
  keyOf: (sid: string) => string;
  layout: Layout;
  lifetime: Lifetime;
  remove: (key: string) => Promise<void>;
  /** Looks at what is about to be written; throws to refuse it. */
  check: (session: Snapshot) => void;
}

/** A session that was read from Redis. */
export interface Loaded extends OpenedSession {
  readonly stored: Stored;
  /** Those of its cookie as it was stored. */
  readonly settings: CookieSettings;
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

  /** What was loaded is what `object` begins with; returns its body. */
  adopt(object: object, { stored, data, pristine, settings }: Loaded): Body {
    const body = this.#parts.layout.loadedBody(stored, data);
    this.#bases.set(object, { stored, pristine, mine: { body, whole: stored, settings } });
    return body;
  }

  /** The session without its cookie; what is as it was loaded is not made into text again. */
  bodyOf(data: object): Body {
    return this.#parts.layout.bodyOf(data, this.#bases.get(data));
  }

  /** The session object made of loaded data takes over its base. */
  move(from: object, to: object): void {
    const base = this.#bases.get(from);
    if (base) this.#bases.set(to, base);
  }

  /** What Redis held when this object was loaded or saved; `undefined` for a new session. */
  storedOf(data: object): Stored | undefined {
    return this.#bases.get(data)?.stored;
  }

  /** Whether the cookie got other settings (as by "remember me") since the session was loaded. */
  hasNewCookieSettings(data: SessionData): boolean {
    const base = this.#bases.get(data);
    return base !== undefined && !sameSettings(base.mine.settings, data.cookie);
  }

  commit(sid: string, data: SessionData, body = this.bodyOf(data)): Promise<CommitOutcome> {
    const mine = this.#snapshot(sid, data, body);
    const before = this.#saving.get(data);
    const run = before ? before.catch(() => {}).then(() => this.#save(data, mine)) : this.#save(data, mine);
    this.#saving.set(data, run);
    return run;
  }

  #snapshot(sid: string, data: SessionData, body: Body): Snapshot {
    const { layout, lifetime } = this.#parts;
    const cookie = stringify(data.cookie);
    const whole = layout.wholeOf(data, body, cookie);
    return { sid, body, cookie, whole, settings: settingsOf(data.cookie), seconds: lifetime.seconds(data) };
  }

  async #save(data: object, mine: Snapshot): Promise<CommitOutcome> {
    const { check, keyOf, layout, lifetime, remove } = this.#parts;
    const base = this.#bases.get(data);
    if (base && layout.sameBody(base.mine.body, mine.body) && sameSettings(base.mine.settings, mine.settings)) {
      return "unchanged";
    }
    check(mine);
    const key = keyOf(mine.sid);
    let stored: Stored | undefined = mine.whole;
    if (mine.seconds <= 0) await remove(key);
    else if (base) stored = await this.#replace(key, base, mine);
    else {
      await layout.create(key, mine);
      lifetime.noteRefresh(mine.sid, mine.settings);
    }
    if (!stored) return "gone";
    this.#bases.set(data, { stored, mine });
    return "saved";
  }

  /** What was written in the end; `undefined` if the session is gone. */
  async #replace(key: string, base: Base, mine: Snapshot): Promise<Stored | undefined> {
    let stored = base.stored;
    let unmoved = 0;
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const result = await this.#parts.layout.replace(key, base, mine, stored);
      if (result.outcome === "gone") return undefined;
      if (result.outcome === "replaced") return result.stored;
      if (isDeepStrictEqual(result.stored, stored) && ++unmoved === 3) break; // it says "moved", and nothing moves
      stored = result.stored;
      // Each round one save of a crowd succeeds, so waiting would only slow it down; but a crowd this big may spread out.
      if (attempt > 50) await delay(Math.random() * attempt);
    }
    throw contended(mine.sid);
  }
}

function contended(sid: string): HoldfastError {
  return new HoldfastError(
    codes.SESSION_CONTENDED,
    `Session ${sessionLabel(sid)} was changed by other requests each time that this one tried to save it. ` +
      "Something sends requests of one visitor in a loop; look for it in the access log.",
    { status: 503, headers: { "Retry-After": "1" } },
  );
}
