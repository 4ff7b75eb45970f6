/**
 * The option `hashIds`: under which key a session is stored, by its id or by a hash of it. While it is being switched, one
 * of two: both are in one hash slot of a cluster, so that a session is brought from one to the other in one step. Pure.
 */
import { isHashedName, sha256Of } from "../../errors/index.js";
import { tagFor } from "./slot-tags.js";

/**
 * `false`: by id. `true`: by hash. `"prepare"` stores by id and `"move"` by hash, and both find what the other stores.
 */
export type HashIds = boolean | "prepare" | "move";

export class SessionKeys {
  readonly prefix: string;
  /** With what the client puts in front of it. */
  readonly #wholePrefix: string;
  readonly #isHashing: boolean;
  /** Whether other processes may store sessions under the other key. */
  readonly isMoving: boolean;
  /** Whether a tag is needed to put both keys of a session into one slot; a tag in the prefix puts all keys there. */
  readonly #needsTag: boolean;

  /** @param keyPrefix what the client puts in front of every key */
  constructor(prefix: string, hashIds: HashIds, keyPrefix = "") {
    this.prefix = prefix;
    this.#wholePrefix = keyPrefix + prefix;
    this.#isHashing = hashIds === true || hashIds === "move";
    this.isMoving = hashIds === "prepare" || hashIds === "move";
    this.#needsTag = !hasTag(this.#wholePrefix);
    if (hashIds !== false) tagFor(""); // at startup, and not during a request
  }

  /** Whether keys are what they are without the option. */
  get arePlain(): boolean {
    return !this.#isHashing && !this.isMoving;
  }

  /** Whether both keys of a session are in one slot of a cluster: not if half a tag in the prefix hides that of the hash. */
  get haveOneSlot(): boolean {
    return !hasHalfTag(this.#wholePrefix);
  }

  /** The key under which this process stores the session. */
  own(sid: string): string {
    return this.#isHashing ? this.#hashed(sid) : this.#plain(sid);
  }

  /** The key under which others may. */
  other(sid: string): string {
    return this.#isHashing ? this.#plain(sid) : this.#hashed(sid);
  }

  /** Where it may be: under both keys if they are known; `sid` may be the name of a hashed one. */
  placesOf(sid: string): string[] {
    if (isHashedName(sid)) return [this.prefix + sid];
    return this.haveOneSlot ? [this.own(sid), this.other(sid)] : [this.own(sid)];
  }

  /** Nobody gets at a session by giving the name of its key as an id. */
  #plain(sid: string): string {
    return isHashedName(sid) ? this.#hashed(sid) : this.prefix + sid;
  }

  #hashed(sid: string): string {
    const key = `${this.prefix}~${sha256Of(sid)}`;
    return this.#needsTag ? `${key}{${tagFor(this.#wholePrefix + sid)}}` : key;
  }
}

/** As Redis Cluster sees it. */
function hasTag(prefix: string): boolean {
  const open = prefix.indexOf("{");
  return open >= 0 && prefix.indexOf("}", open + 1) > open + 1;
}

/** Whether the tag of a hashed key would not be its first. */
export function hasHalfTag(prefix: string): boolean {
  return prefix.includes("{") && !hasTag(prefix);
}
