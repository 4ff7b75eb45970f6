/** The public face of `holdfast`. Each name here is a promise; a test pins the list. */

// The one `app.use()`.
export { redisSession, type RedisSessionMiddleware, type RedisSessionOptions } from "./middleware/index.js";

// For an app that configures express-session itself.
export { type LostChange, RedisSessionStore, type RedisSessionStoreOptions } from "./store/index.js";

// Merge rules, for the option `merge`.
export { append, max, type MergeRule, type MergeRules, min, mine, sum, theirs, union } from "./store/index.js";

// A connection to share between sessions and the rest of an app.
export { connectToRedis, type RedisConnection, type RedisConnectionOptions } from "./redis/index.js";

// To tell errors apart by `code`.
export { HoldfastError } from "./errors/index.js";
