/** Sessions behind the contract of express-session's stores. */
export { answer, type Callback } from "./callbacks.js";
export {
  encryptionKeyNames,
  hasEncryptionKeys,
  type EncryptionKey,
  type EncryptionOptions,
} from "./encryption-keys.js";
export { nobody } from "./nobody.js";
export { accessTo, redisRepository, repositoryOf, sessionAccess, type SessionAccess } from "./session-access.js";
export { SessionObjects } from "./session-objects.js";
export type { OpenSession, SessionRequest } from "./session-types.js";
export { RedisSessionStore } from "./the-class.js";
export type {
  RedisLayoutOptions,
  RedisNoTouchOptions,
  RedisSerializerOptions,
  RedisSessionStoreOptions,
  RedisSessionStoreOptionsBase,
  RedisStorageOptions,
  RedisTouchOptions,
} from "./store-option-types.js";
export { compressionThreshold, storeOptionNames, storeOptionsOf } from "./store-options.js";
