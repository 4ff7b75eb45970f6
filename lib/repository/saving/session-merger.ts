/** The three-way merge of whole sessions, whatever form each one has. */
import type { SessionData } from "express-session";
import {
  asSession,
  isReservedKey,
  mergeSessions,
  type Change,
  type JsonObject,
  type RuleNode,
  type Sides,
  type Snapshot,
  type Stored,
} from "../../session/index.js";
import type { SessionCodec } from "../session-codec.js";

const nothing = () => false;

export class SessionMerger {
  readonly rules: RuleNode;
  readonly #codec: SessionCodec;

  constructor(codec: SessionCodec, rules: RuleNode) {
    this.#codec = codec;
    this.rules = rules;
  }

  /** Applies the change to `theirs`; `undefined` if one of its sides is no longer a session. */
  async merge(change: Change, theirs: JsonObject): Promise<JsonObject | undefined> {
    const sides = await this.sidesOf(change);
    const isReserved = change.snapshot.isSession ? isReservedKey : nothing;
    return sides && mergeSessions(sides.before, sides.own, theirs, this.rules, isReserved);
  }

  /** Parsed once per change, however often it is retried. */
  async sidesOf(change: Change): Promise<Sides | undefined> {
    if (change.sides) return change.sides;
    const { sid, whole } = change.snapshot;
    const before = await this.parse(sid, change.base.view.whole);
    const own = await this.parse(sid, whole);
    return before && own && (change.sides = { before, own });
  }

  /** As JSON values: a freshly parsed session contains nothing else. */
  parse(sid: string, stored: Stored): Promise<JsonObject | undefined> {
    return this.#codec.values(sid, stored);
  }
}

/** The stored session, with changes applied one after the other. */
export class MergedSession {
  readonly #merger: SessionMerger;
  readonly #stored: Stored;
  /** The first change, if nothing has moved since its base: then its request's session is stored as it is. */
  #unmoved: Change | undefined;
  #value: JsonObject | undefined;
  #isLost = false;
  #last: Snapshot | undefined;
  /** Whether all changes leave the stored expiry as it is. */
  keepsEnd = true;

  constructor(merger: SessionMerger, stored: Stored) {
    this.#merger = merger;
    this.#stored = stored;
  }

  /** @throws what a merge rule throws; the change is then not applied */
  add(change: Change): Promise<void> | void {
    if (this.#last || !sameText(change.base.view.whole, this.#stored)) return this.#merge(change);
    this.#unmoved = change;
    this.#added(change);
  }

  async #merge(change: Change): Promise<void> {
    const theirs = await this.#soFar(change.snapshot.sid);
    const value = theirs && (await this.#merger.merge(change, theirs));
    this.#isLost ||= value === undefined;
    this.#value = value;
    this.#unmoved = undefined;
    this.#added(change);
  }

  #added({ keepsEnd, snapshot }: Change): void {
    this.#last = snapshot;
    this.keepsEnd &&= keepsEnd;
  }

  async #soFar(sid: string): Promise<JsonObject | undefined> {
    if (this.#unmoved) return (await this.#merger.sidesOf(this.#unmoved))?.own;
    return (this.#value ??= await this.#merger.parse(sid, this.#stored));
  }

  /** The snapshot of the last change added. */
  get last(): Snapshot {
    return this.#last!;
  }

  /** What to store; `undefined` if the stored or the merged value is no longer a session. */
  whole(make: (session: SessionData) => Stored): Stored | undefined {
    if (this.#unmoved) return this.#unmoved.snapshot.whole;
    return this.#isLost ? undefined : make(asSession(this.#value!));
  }

  /** Its time to live. */
  seconds(secondsOf: (session: SessionData) => number): number {
    return this.#unmoved ? this.#unmoved.snapshot.seconds : Math.max(1, secondsOf(asSession(this.#value!)));
  }
}

/** Whether what this request began with is still stored; a hash is compared when it is replaced. */
function sameText(began: Stored, stored: Stored): boolean {
  return began === stored || (began.form === "json" && stored.form === "json" && began.text === stored.text);
}
