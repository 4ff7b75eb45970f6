/**
 * A layout whose keys are those of `SessionKeys`. It is given keys that consist of the prefix and the id. While `hashIds` is
 * being switched, a session that is not under this process's key is brought there from the other one, and then read or
 * written as ever. Another process may bring it back at any moment; then it is brought here again.
 */
import { defineScript } from "../../redis/index.js";
import type { Change, Snapshot, Stored } from "../../session/index.js";
import type { SessionKeys } from "../keys/session-keys.js";
import { neverSettled } from "../saving/save-chain.js";
import { bringSource } from "../scripts/embedded.js";
import type { SessionCommands } from "../session-commands.js";
import type { Attempt, Draft, Layout } from "./layout.js";
import { LayoutOver } from "./layout-over.js";

const bringScript = defineScript<number>(bringSource);
const [isNone, wasThere] = [0, 1];
/** How often a session is brought here for one read or write. */
const mostRounds = 50;
/** How often it may be there already, and yet gone for what was to be done with it. */
const mostTimesThere = 2;

export interface HashedLayoutParts {
  readonly inner: Layout;
  readonly keys: SessionKeys;
  readonly commands: SessionCommands;
  /** This process changes a key itself, which Redis does not announce to its near cache. */
  readonly changed: (key: string) => void;
}

export class HashedLayout extends LayoutOver {
  readonly #parts: HashedLayoutParts;

  constructor(parts: HashedLayoutParts) {
    super(parts.inner);
    this.#parts = parts;
  }

  read(name: string): Promise<Stored | undefined> | Stored {
    const { keys } = this.#parts;
    const sid = this.#sidIn(name);
    const stored = this.inner.read(keys.own(sid));
    return keys.isMoving && stored instanceof Promise ? this.#orBrought(stored, sid) : stored;
  }

  async #orBrought(read: Promise<Stored | undefined>, sid: string): Promise<Stored | undefined> {
    const own = this.#parts.keys.own(sid);
    let stored = await read;
    let timesThere = 0;
    for (let round = 0; !stored && round < mostRounds && timesThere < mostTimesThere; round++) {
      // Sent together, so that no other process has a chance to bring it back between the two.
      const [from, now] = await Promise.all([this.#bring(sid), this.inner.read(own)]);
      if (from === isNone) return undefined;
      if (from === wasThere) timesThere++;
      stored = now;
    }
    return stored;
  }

  /** Whatever is stored under either key is replaced. */
  async create(name: string, session: Snapshot): Promise<Stored> {
    const { changed, commands, keys } = this.#parts;
    const sid = this.#sidIn(name);
    if (keys.isMoving) {
      await commands.remove([keys.other(sid)]);
      changed(keys.other(sid));
    }
    return this.inner.create(keys.own(sid), session);
  }

  async remove(name: string): Promise<void> {
    const { changed, commands, keys } = this.#parts;
    const sid = this.#sidIn(name);
    if (!keys.isMoving) return this.inner.remove(keys.own(sid));
    const both = [keys.own(sid), keys.other(sid)];
    both.forEach(changed);
    await commands.removeTogether(both);
    both.forEach(changed);
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
    let timesThere = 0;
    for (let round = 0; attempt.outcome === "gone" && timesThere < mostTimesThere; round++) {
      if (round === mostRounds) throw neverSettled(sid);
      const [from, next] = await Promise.all([this.#bring(sid), draft.send()]);
      if (from === wasThere) timesThere++;
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
    if (from > wasThere) changed(other);
    return from;
  }

  #sidIn(name: string): string {
    return name.slice(this.#parts.keys.prefix.length);
  }
}
