/** Accounts in Redis: what lies where, and that a user name has one owner whatever happens in between. */
import type { RedisClientType } from "redis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RedisAccounts } from "holdfast/auth";
import { availableServers, startRedis, type TestRedis } from "../support/redis-server.js";

describe.each(availableServers)("RedisAccounts on %s", (kind) => {
  let redis: TestRedis;
  let client: RedisClientType;
  let accounts: RedisAccounts;

  beforeAll(async () => {
    redis = await startRedis({ kind });
    client = await redis.client();
    accounts = new RedisAccounts({ client });
  });
  afterAll(() => redis.stop());
  beforeEach(() => client.flushAll());

  const create = (username: string) => accounts.create({ username, passwordHash: `hash of ${username}` });

  it("an account is found by id and by user name", async () => {
    const account = await create("Ada");
    if (account === "taken") throw new Error("it was free");
    expect(account).toMatchObject({ username: "Ada", passwordHash: "hash of Ada" });
    expect(Math.abs(account.createdAt - Date.now())).toBeLessThan(60_000);
    expect(await accounts.findById(account.id)).toEqual(account);
    expect(await accounts.findByUsername("Ada")).toEqual(account);
  });

  it("an account is one HASH and one name, and neither expires", async () => {
    const account = await create("Ada");
    if (account === "taken") throw new Error("it was free");
    expect((await client.keys("*")).sort()).toEqual([`user:${account.id}`, "username:ada"].sort());
    expect(await client.get("username:ada")).toBe(account.id);
    expect(await client.ttl(`user:${account.id}`)).toBe(-1);
    expect(await client.ttl("username:ada")).toBe(-1);
  });

  it("a prefix goes before every key", async () => {
    await new RedisAccounts({ client, prefix: "shop:" }).create({ username: "Ada", passwordHash: "h" });
    expect((await client.keys("*")).every((key) => key.startsWith("shop:"))).toBe(true);
  });

  it.each([
    ["case", "ADA"],
    ["space around it", " ada "],
    ["full-width letters", "ａｄａ"],
  ])("a name is the same one whatever its %s", async (_, other) => {
    await create("Ada");
    expect(await create(other)).toBe("taken");
    expect((await accounts.findByUsername(other))?.username).toBe("Ada");
  });

  it("who is not there is not found, which is no error", async () => {
    expect(await accounts.findById("nobody")).toBeUndefined();
    expect(await accounts.findByUsername("nobody")).toBeUndefined();
    expect(await accounts.findByUsername("__proto__")).toBeUndefined();
  });

  it("of fifty that race for a name one gets it, and the others leave nothing behind", async () => {
    const results = await Promise.all(Array.from({ length: 50 }, () => create("Ada")));
    const won = results.filter((result) => result !== "taken");
    expect(won).toHaveLength(1);
    expect((await accounts.findByUsername("ada"))?.id).toBe(won[0]?.id);
    expect(await client.keys("*")).toHaveLength(2);
  });

  it("a crash after the account was written leaves a HASH that goes away by itself", async () => {
    await expect(breakingAt("set").create({ username: "Ada", passwordHash: "h" })).rejects.toThrow("crash");
    const [key] = await client.keys("user:*");
    expect(await client.ttl(key!)).toBeGreaterThan(0);
    expect(await create("Ada")).not.toBe("taken");
  });

  it("a crash after the name was claimed keeps it for a minute; then it can be taken over, by one", async () => {
    await expect(breakingAt("persist").create({ username: "Ada", passwordHash: "h" })).rejects.toThrow("crash");
    expect(await create("Ada")).toBe("taken");
    const [halfMade] = await client.keys("user:*");
    await client.del(halfMade!); // as its expiry does
    const results = await Promise.all(Array.from({ length: 20 }, () => create("Ada")));
    expect(results.filter((result) => result !== "taken")).toHaveLength(1);
  });

  it("who was held up until the account had gone is told so, and frees the name", async () => {
    const slow = new RedisAccounts({
      client: overriding({
        async persist(key: string) {
          await client.del(key); // the minute passed
          return client.persist(key);
        },
      }),
    });
    await expect(slow.create({ username: "Ada", passwordHash: "h" })).rejects.toThrow("Try again");
    expect(await client.keys("*")).toEqual([]);
  });

  it("looking up takes the same commands whether the name exists or not", async () => {
    await create("Ada");
    const count = async (username: string) => {
      await client.configResetStat();
      await accounts.findByUsername(username);
      return (await client.info("commandstats")).match(/cmdstat_(get|hgetall):calls=\d+/g)?.sort();
    };
    expect(await count("nobody")).toEqual(await count("ada"));
  });

  function overriding(methods: Record<string, unknown>): unknown {
    return new Proxy(client, {
      get(target, name) {
        const value: unknown = methods[String(name)] ?? Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }

  function breakingAt(command: string): RedisAccounts {
    return new RedisAccounts({ client: overriding({ [command]: () => Promise.reject(new Error("crash")) }) });
  }
});
