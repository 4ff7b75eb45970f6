/** What a session is, as values and as text. Pure: no Redis, no HTTP. */
export { type CookieSettings, sameSettings, settingsOf } from "./cookie/cookie-settings.js";
export { asSession, newCookie, renewExpiry, serializeCookie } from "./express-session.js";
export { type Json, type JsonObject, type Slot as MergeValue, setSlot, slotOf } from "./text/json.js";
export { KnownSessions } from "./known-sessions.js";
export { Lifetime } from "./lifetime/lifetime.js";
export { renewPastExpiry } from "./lifetime/living-expiry.js";
export { type FieldChange, FieldChanges } from "./merge/hash-changes.js";
export {
  type MergeRule,
  type MergeRules,
  type RuleNode,
  append,
  compileRules,
  max,
  min,
  mine,
  sum,
  theirs,
  union,
} from "./merge/merge-rules.js";
export { mergeSessions } from "./merge/merge.js";
export { isTooDeep } from "./text/nesting.js";
export { encryptionKeyOf, isEncrypted, keyLength, Keyring, type SessionCipher } from "./text/encrypted-text.js";
export {
  type Decode,
  fieldsAsRead,
  hasUnreadable,
  rawFields,
  rawText,
  textAsRead,
  unreadable,
} from "./text/packed-stored.js";
export { asPacked, compressed, isPacked, packed, unpacked } from "./text/packed-text.js";
export { hasSameKeys, isUnchanged } from "./text/pristine.js";
export { hasReservedKey, isReservedKey } from "./text/reserved-keys.js";
export { checkSize } from "./text/session-size.js";
export { emptyTail, joinText, splitText, stringify, tailOf, valuesOf } from "./text/session-text.js";
export { checkCookie, cookieFault, invalidCookie } from "./cookie/stored-cookie.js";
export type { Base, Body, Change, Fields, Sides, Snapshot, Stored } from "./stored.js";
export { takesOnlyAway } from "./takes-away.js";
export { TouchLedger, defaultTouchInterval } from "./lifetime/touch-ledger.js";
