/**
 * A layout whose keys are those of `SessionKeys`. It is given keys that consist of the prefix and the id. While `hashIds` is
 * being switched, a session that is not under this process's key is brought there from the other one, and then read or
 * written as ever. Another process may bring it back at any moment; then it is brought here again.
 */
import { setTimeout as delay } from "node:timers/promises";
import { codes, warnOnce } from "../../errors/index.js";
import { defineScript } from "../../redis/index.js";
import type { Change, Snapshot, Stored } from "../../session/index.js";
import type { SessionKeys } from "../keys/session-keys.js";
import { neverSettled } from "../saving/save-chain.js";
import { bringSource } from "../scripts/embedded.js";
import type { SessionCommands } from "../session-commands.js";
import type { Attempt, Draft, Layout } from "./layout.js";
import { LayoutOver } from "./layout-over.js";

const bringScript = defineScript<number>(bringSource);
const [isNone, wasBrought] = [0, 2];
/** How often a session is brought here for one read or write. */
const mostRounds = 50;
/** After so many cookies without a session, only one in so many is looked for under the other key. */
const firstMisses = 100;

export interface HashedLayoutParts {
  readonly inner: Layout;
  readonly keys: SessionKeys;
  readonly commands: SessionCommands;
  /** This process changes a key itself, which Redis does not announce to its near cache. */
  readonly changed: (key: string) => void;
}

export class HashedLayout extends LayoutOver {
  readonly #parts: HashedLayoutParts;
  /** How many sessions were not there. */
  #misses = 0;

  constructor(parts: HashedLayoutParts) {
    super(parts.inner);
    this.#parts = parts;
  }

  read(name: string): Promise<Stored | undefined> | Stored {
    const { keys } = this.#parts;
    const sid = this.#sidIn(name);
    const stored = this.inner.read(keys.own(sid));
    if (!(stored instanceof Promise)) return stored;
    return keys.isMoving ? this.#orBrought(stored, sid) : this.#orTold(stored, sid);
  }

  /** Until it is here, or there is none: processes of the other kind may take it back again and again. */
  async #orBrought(read: Promise<Stored | undefined>, sid: string): Promise<Stored | undefined> {
    const own = this.#parts.keys.own(sid);
    let stored = await read;
    for (let round = 0; !stored; round++) {
      if (round === mostRounds) throw neverSettled(sid);
      await outOfStep(round);
      // Sent together, so that no other process has a chance to take it back between the two.
      const [from, now] = await Promise.all([this.#bring(sid), this.inner.read(own)]);
      if (from === isNone) return now;
      stored = now;
    }
    return stored;
  }

  /**
   * Sessions under their ids are not looked for any more. If there are some all the same, the option was set too early, and
   * their visitors are being logged out: a sample of those who have no session tells.
   */
  async #orTold(read: Promise<Stored | undefined>, sid: string): Promise<Stored | undefined> {
    const stored = await read;
    if (!stored && this.#isInSample()) void this.#tellIfLeftBehind(sid);
    return stored;
  }

  #isInSample(): boolean {
    const number = this.#misses++;
    return number < firstMisses || number % firstMisses === 0;
  }

  /** Nobody waits for it. */
  async #tellIfLeftBehind(sid: string): Promise<void> {
    try {
      if (await this.inner.read(this.#parts.keys.other(sid))) warnOfLeftBehind();
    } catch {
      // The next one tells.
    }
  }

  /** Whatever is stored under either key is replaced. */
  create(name: string, session: Snapshot): Promise<Stored> {
    const { keys } = this.#parts;
    const sid = this.#sidIn(name);
    return this.inner.create(keys.own(sid), session, keys.isMoving ? keys.other(sid) : undefined);
  }

  async remove(name: string): Promise<void> {
    const { changed, commands, keys } = this.#parts;
    const sid = this.#sidIn(name);
    const both = [keys.own(sid), keys.other(sid)];
    // What was left behind goes too. Two commands: while a cluster moves a slot, it refuses one with two keys.
    if (!keys.isMoving) return void (await Promise.all(both.map((key) => this.inner.remove(key))));
    both.forEach(changed);
    await commands.removeTogether(both);
    both.forEach(changed);
  }

  /** Not if it has been taken away meanwhile: then it is renewed when it is used here again. */
  renew(name: string, stored: Stored): Promise<void> {
    return this.inner.renew(this.#parts.keys.own(this.#sidIn(name)), stored);
  }

  draft(name: string, stored: Stored): Draft {
    const { keys } = this.#parts;
    const sid = this.#sidIn(name);
    const inner = this.inner.draft(keys.own(sid), stored);
    if (!keys.isMoving) return inner;
    return { add: (change: Change) => inner.add(change), send: () => this.#send(sid, inner) };
  }

  async #send(sid: string, draft: Draft): Promise<Attempt> {
    let attempt = await draft.send();
    for (let round = 0; attempt.outcome === "gone" && !attempt.isUnreadable; round++) {
      if (round === mostRounds) throw neverSettled(sid);
      await outOfStep(round);
      const [from, next] = await Promise.all([this.#bring(sid), draft.send()]);
      attempt = next;
      if (from === isNone) break;
    }
    return attempt;
  }

  /** @returns as the script */
  async #bring(sid: string): Promise<number> {
    const { changed, commands, keys } = this.#parts;
    const [own, other] = [keys.own(sid), keys.other(sid)];
    const from = await commands.runOnKeys(bringScript, [own, other], []);
    if (from === wasBrought) changed(other);
    return from;
  }

  #sidIn(name: string): string {
    return name.slice(this.#parts.keys.prefix.length);
  }
}

/**
 * Two processes that need more than one command once a session is here, because it has the other layout, could take it from
 * each other in lockstep for ever. Whoever waits a little lets the other one finish.
 */
async function outOfStep(round: number): Promise<void> {
  if (round >= 3) await delay(Math.random() * round);
}

function warnOfLeftBehind(): void {
  warnOnce(
    codes.SESSIONS_LEFT_BEHIND,
    "Redis holds sessions under their ids, which `hashIds: true` does not look for, so their visitors are treated as having " +
      'none. They were left in place. Deploy `hashIds: "move"`, which finds them, until none is left.',
  );
}
