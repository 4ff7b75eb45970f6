/** Our store in both layouts, on each kind of server, for the tests of a `describe`: Redis is empty before each of them. */
import type { SessionData } from "express-session";
import type { RedisClientType } from "redis";
import { beforeAll, beforeEach } from "vitest";
import { RedisSessionStore, type RedisSessionStoreOptions } from "holdfast";
import { availableServers } from "./servers/redis-server.js";
import { useRedis } from "./servers/use-redis.js";

export type Values = SessionData & Record<string, any>;

export function fresh(values: object = {}, cookie: object = {}): Values {
  return { cookie: { originalMaxAge: null, ...cookie }, ...values } as unknown as Values;
}

/** For `describe.each`. */
export const settings = availableServers.flatMap((kind) => [
  { kind, layout: "json" as const },
  { kind, layout: "hash" as const },
]);

export function useStores({ kind, layout }: (typeof settings)[number]) {
  const redis = useRedis({ kind });
  let client: RedisClientType;
  beforeAll(async () => {
    client = await redis.client();
  });
  beforeEach(() => client.flushDb());
  return {
    redis,
    /** From the first `beforeAll` on. */
    get client() {
      return client;
    },
    open: (options: object = {}) => new RedisSessionStore({ client, layout, ...options } as RedisSessionStoreOptions),
    load: async (store: RedisSessionStore, id = "a") => (await store.get(id)) as Values,
    /** What lies in Redis: a text, or the texts of a hash by field. */
    async inRedis(id = "a"): Promise<string | Record<string, string> | null> {
      const key = `sess:${id}`;
      return (await client.type(key)) === "hash" ? { ...(await client.hGetAll(key)) } : client.get(key);
    },
  };
}
