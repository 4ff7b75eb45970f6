/** The repository layer: the port to session storage, and its implementation in Redis. */
export type { NearCacheOptions } from "./cache/near-cache.js";
export { argumentsOf, fieldsOfReply, listOf } from "./fields.js";
export { ObservedRepository } from "./observed-repository.js";
export type { Encryption, Packing } from "./packing.js";
export { hasHalfTag, type SessionKeys } from "./keys/session-keys.js";
export type { RedisHandle } from "./redis-handle.js";
export { checkedObject, type LostChange, lostChange, RedisSessionRepository } from "./redis-session-repository.js";
export type { Serializer } from "./serializer.js";
export type { Durability } from "./session-commands.js";
export type { CommitOutcome, SessionHandle, SessionRepository } from "./session-repository.js";
export { PendingWrites } from "./pending-writes.js";
export type { ImportedSession } from "./session-transfer.js";
export * as sessionScripts from "./scripts/embedded.js";
export { tellUnreadable, warnOfUnreadable } from "./unreadable.js";
