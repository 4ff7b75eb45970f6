/**
 * Stands for `lib/redis/connection/redis-package.cts` where Vitest runs the sources, since Vite loads no CommonJS: the
 * package `redis`, or another version of it (scripts/matrix.mjs).
 */
import * as redis from "redis";

/** `redis` 5 does not export its class, by which addresses are parsed. */
const missing = { RedisClient: Object(redis.createClient()).constructor };

export default () => ({ ...missing, ...redis });
