/** `scanKeys()` returns each key once, also where SCAN repeats some: while the server shrinks its table. */
import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { RedisClientType } from "redis";
import { scanKeys } from "../../lib/redis/index.js";
import { redisServerPath } from "../support/programs.js";
import { useRedis } from "../support/servers/use-redis.js";

describe.skipIf(!redisServerPath)("while the table shrinks", () => {
  const server = useRedis({ kind: "redis" });
  let client: RedisClientType;
  beforeAll(async () => {
    client = await server.client();
  });

  const count = 10;
  /** New names each time: where a key is in the table follows from its name and the server's seed, so some names never repeat. */
  const newKeys = () => {
    const salt = randomBytes(4).toString("hex");
    return Array.from({ length: 500 }, (_, n) => `sess:${salt}:${n}`);
  };
  const goes = Array.from({ length: 30_000 }, (_, n) => `gone:${n}`);

  /** Bytes of the table of keys. */
  async function tableSize(): Promise<number> {
    const stats = (await client.memoryStats()) as unknown as Record<string, Record<string, number>>;
    return stats["db.0"]!["overhead.hashtable.main"]!;
  }

  /** Two iterations that the server sees in the same state: `scanKeys`, and SCAN as it is. */
  async function iterate(remembered: number | undefined) {
    const stays = newKeys();
    await client.flushAll();
    await client.mSet([...stays, ...goes].map((key) => [key, "1"] as [string, string]));
    const [keys, plain]: string[][] = [[], []];
    const iteration = scanKeys(client, "sess:", count, { remembered });
    let cursor = "0";
    const step = async () => {
      const reply = await client.scan(cursor, { MATCH: "sess:*", COUNT: count });
      plain!.push(...reply.keys);
      cursor = reply.cursor;
    };
    while (plain!.length < 250) await step();
    while (keys!.length < plain!.length) keys!.push(...((await iteration.next()).value as string[]));
    expect(keys).toEqual(plain);
    const before = await tableSize();
    await client.unlink(goes);
    await expect.poll(tableSize, { timeout: 20_000 }).toBeLessThan(before / 20);
    do await step();
    while (cursor !== "0");
    for await (const batch of iteration) keys!.push(...batch);
    return { stays, keys: keys!, repeated: plain!.length - new Set(plain).size };
  }

  it.each([{ remembered: undefined }, { remembered: 100 }])(
    "with $remembered keys remembered",
    async ({ remembered }) => {
      let repeated = 0;
      for (let round = 0; round < 8 && repeated === 0; round++) {
        const iterated = await iterate(remembered);
        expect(iterated.keys.toSorted()).toEqual(iterated.stays.toSorted());
        ({ repeated } = iterated);
      }
      expect(repeated).toBeGreaterThan(0); // so that it was tested
    },
  );

  it("stops when it is asked to", async () => {
    await client.flushAll();
    await client.mSet(newKeys().map((key) => [key, "1"] as [string, string]));
    const controller = new AbortController();
    let batches = 0;
    for await (const _ of scanKeys(client, "sess:", count, { signal: controller.signal })) {
      if (++batches === 2) controller.abort();
    }
    expect(batches).toBe(2);
  });
});
