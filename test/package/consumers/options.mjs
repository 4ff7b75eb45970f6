// Options in a JavaScript app whose editor checks types.
import { createClient } from "redis";
import { MemoryStore, redisSession, RedisSessionStore } from "holdfast";

const client = await createClient().connect();

/** @type {import("holdfast").RedisSessionOptions} */
const options = { secret: process.env["SESSION_SECRET"], url: process.env["REDIS_URL"], ttl: 60 };
export const sessions = redisSession(options);

/** @type {import("holdfast").RedisSessionStoreOptions} */
const storeOptions = { client, prefix: "shop:", layout: "hash" };
export const stored = redisSession({ store: new RedisSessionStore(storeOptions), secret: "a" });

/** @param {import("holdfast").RedisSessionOptionsBase} common */
export const open = (common) => [
  redisSession({ ...common, client }),
  redisSession({ ...common, store: new MemoryStore() }),
];
// @ts-expect-error: two stores
redisSession({ store: new MemoryStore(), client });
