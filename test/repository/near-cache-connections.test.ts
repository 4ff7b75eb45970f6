/** The near cache on clients that read over several connections, or are of another library. */
import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis5";
import { Redis as Iovalkey } from "iovalkey";
import { createClientPool } from "redis";
import { describe } from "vitest";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { connected, nearCacheWorks, ready, type Place } from "./near-cache-works.js";

function server(open: (redis: TestRedis) => Promise<any>): Place {
  let redis: TestRedis;
  return {
    start: async () => void (redis = await startRedis()),
    stop: () => redis?.stop(),
    open: () => open(redis),
    primaries: async () => [await redis.client()],
  };
}

describe.each<[string, Place]>([
  ["a pool", server(({ url }) => connected(createClientPool({ url }, { minimum: 3 })))],
  ["ioredis 5", server(({ port }) => ready(new Redis5(port)))],
  ["ioredis 6", server(({ port }) => ready(new Redis(port)))],
  ["ioredis 6, with a prefix of its own", server(({ port }) => ready(new Redis({ port, keyPrefix: "app:" })))],
  ["iovalkey", server(({ port }) => ready(new Iovalkey(port)))],
])("%s", (_name, place) => {
  nearCacheWorks(place);
});
