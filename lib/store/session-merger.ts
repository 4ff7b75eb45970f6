/** The three-way merge of whole sessions, in whichever form each of them is. */
import type { SessionData } from "express-session";
import type { JsonObject } from "./json.js";
import type { Stored } from "./layout.js";
import { mergeSessions } from "./merge.js";
import type { RuleNode } from "./merge-rules.js";
import { isReservedKey } from "./reserved-keys.js";
import type { SessionCodec } from "./session-codec.js";

export class SessionMerger {
  readonly rules: RuleNode;
  readonly #codec: SessionCodec;

  constructor(codec: SessionCodec, rules: RuleNode) {
    this.#codec = codec;
    this.rules = rules;
  }

  /** My change against `base`, brought onto `theirs`; `undefined` if that is not a session any more. */
  async merge(sid: string, base: Stored, mine: Stored, theirs: Stored): Promise<SessionData | undefined> {
    const parse = (stored: Stored) => this.#codec.parse(sid, stored) as Promise<JsonObject | undefined>;
    const [before, own, stored] = await Promise.all([parse(base), parse(mine), parse(theirs)]);
    if (!before || !own || !stored) return undefined;
    return mergeSessions(before, own, stored, this.rules, isReservedKey) as unknown as SessionData;
  }
}
