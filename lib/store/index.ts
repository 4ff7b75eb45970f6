/** The store room: sessions in Redis, layouts, merging. */
export type { CommitOutcome } from "./committer.js";
export type { MergeRule, MergeRules } from "./merge-rules.js";
export { append, max, min, mine, sum, theirs, union } from "./merge-rules.js";
export { type FoundSession, type LostChange, RedisSessionStore } from "./redis-session-store.js";
export type { Body } from "./layout.js";
export { bodyOf } from "./session-text.js";
export { type RedisSessionStoreOptions, storeOptionNames } from "./store-options.js";
export { defaultTouchInterval, TouchLedger } from "./touch-ledger.js";
export { UnderWay } from "./under-way.js";
