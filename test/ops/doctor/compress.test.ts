/** The check `capacity` tells of the option `compress` where it would save much, and then what it says comes true. */
import type { RedisClientType } from "redis";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RedisSessionStore, type RedisSessionStoreOptions } from "holdfast";
import { redisServerPath } from "../../support/programs.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { clientOf, findingOn, shopping } from "./examine.js";

describe.skipIf(!redisServerPath)("sessions", () => {
  const server = useRedis({ kind: "redis" });
  let client: RedisClientType;
  beforeAll(async () => {
    client = await server.client();
    // What Redis needs once: for scripts, and for the doctor's questions.
    for (const layout of ["json", "hash"]) await write(500, 10, { layout });
    await found();
  });
  beforeEach(() => client.flushAll("SYNC"));

  const write = async (count: number, goods: number, options: object = {}) => {
    const store = new RedisSessionStore({ client, ...options } as RedisSessionStoreOptions);
    await Promise.all(Array.from({ length: count }, (_, n) => store.set(String(n), shopping(n, goods) as never)));
  };
  const found = async (asker = client) => (await findingOn("capacity", asker)).found;
  /** Without what connections take. */
  const usedMemory = async () => {
    const info = await client.info("memory");
    const [used, clients] = [/used_memory:(\d+)/, /mem_clients_normal:(\d+)/].map((one) => Number(one.exec(info)![1]));
    return used! - clients!;
  };
  /** `1.3 KB` and `620 B` in bytes. */
  const sizeIn = (text: string, pattern: RegExp) => {
    const [, size, unit] = pattern.exec(text)!;
    return Number(size) * (unit === "KB" ? 1024 : 1);
  };

  it.each([
    ["json", 10],
    ["json", 24],
    ["json", 150],
    ["hash", 60],
    ["hash", 150],
  ] as const)(
    "in the layout %s, %d goods: take about as little as it says once they are compressed",
    async (layout, goods) => {
      const empty = await usedMemory();
      await write(500, goods, { layout });
      const before = (await usedMemory()) - empty;
      const said = await found();
      const [now, then] = [/ of ([\d.]+) (K?B) /, /would take about ([\d.]+) (K?B)/].map((one) => sizeIn(said, one));
      await client.flushAll();
      await write(500, goods, { layout, compress: true });
      const really = ((await usedMemory()) - empty) / before;
      expect(then! / now!).toBeLessThan(2 / 3);
      expect(then! / now!).toBeGreaterThan(really - 0.1); // it does not promise more than there is
      expect(then! / now!).toBeLessThan(really + 0.2);
      expect(await found()).not.toContain("compress");
    },
  );

  it("that are small, are a tombstone or have fields that are short, are left as they are", async () => {
    await write(50, 1);
    await client.set("sess:gone", "", { EX: 60 });
    expect(await found()).not.toContain("compress");
    await client.flushAll();
    await write(50, 4, { layout: "hash" });
    expect(await found()).not.toContain("compress");
  });

  it("of which nearly all are compressed, as while the option is being turned on, are judged together", async () => {
    await write(20, 24);
    await write(19, 24, { compress: true });
    expect(await found()).not.toContain("compress");
  });

  it("that are not JSON were written by a serializer, beside which there is no `compress`", async () => {
    const serializer = {
      parse: (text: string) => JSON.parse(text.slice(1)),
      stringify: (data: unknown) => `>${JSON.stringify(data)}`,
    };
    await write(20, 24, { serializer });
    expect(await found()).toMatch(/more fit into [^;]*$/);
  });

  it("that the user may not read are counted all the same", async () => {
    await write(20, 24);
    const rules = "on >hush ~* -@all +ping +info +config|get +acl|whoami +scan +ttl +strlen +memory|usage".split(" ");
    await client.sendCommand(["ACL", "SETUSER", "looker", "reset", ...rules]);
    const looker = await clientOf(server, { username: "looker", password: "hush" });
    expect(await found(looker)).toMatch(/^20 sessions of .* more fit into [^;]*$/);
  });

  it("in a hash are measured with all their fields, however different these are", async () => {
    const empty = await usedMemory();
    const store = new RedisSessionStore({ client, layout: "hash" });
    const short = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`short${n}`, n]));
    for (let n = 0; n < 200; n++)
      await store.set(String(n), {
        cookie: { originalMaxAge: null },
        ...short,
        long: Math.random().toString().repeat(500),
      } as never);
    const real = ((await usedMemory()) - empty) / 200;
    expect(sizeIn(await found(), / of ([\d.]+) (K?B) /) / real).toBeGreaterThan(0.85);
  });
});
