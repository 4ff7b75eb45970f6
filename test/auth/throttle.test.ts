/** Guesses are counted in Redis: exactly as many pass as are allowed, and no stranger locks an owner out. */
import { createClient, createClientPool, createCluster, createSentinel, type RedisClientType } from "redis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RedisClient } from "../../lib/redis/index.js";
import type { Attempt } from "../../lib/auth/throttle/attempt.js";
import { Throttle, type Permission, type ThrottleOptions } from "../../lib/auth/throttle/throttle.js";
import { redisServerPath } from "../support/programs.js";
import { startCluster } from "../support/servers/redis-cluster.js";
import { startSentinel } from "../support/servers/redis-sentinel.js";
import { availableServers, startRedis, type TestRedis } from "../support/servers/redis-server.js";

const home = "198.51.100.7";
const unavailable = { code: "SESSION_STORE_UNAVAILABLE", status: 503, headers: { "Retry-After": "1" } };
const latest = new Map<string, Attempt>();

/** Somebody who is logged in enters their password. */
async function take(guard: Throttle, account: string, address: string): Promise<Permission> {
  const attempt = guard.attempt({ address });
  const answer = await attempt.byOwner(account);
  if (answer.ok) latest.set(`${account} ${address}`, attempt);
  return answer;
}

/** The last one of these was right; where there was none, this one is. */
async function succeed(guard: Throttle, account: string, address: string): Promise<void> {
  const attempt = latest.get(`${account} ${address}`) ?? guard.attempt({ address });
  latest.delete(`${account} ${address}`);
  await attempt.succeeded(account);
}

const passed = (permissions: Permission[]) => permissions.filter(({ ok }) => ok).length;
const addresses = (count: number) => Array.from({ length: count }, (_, n) => `10.0.${n >> 8}.${n & 255}`);

describe.each(availableServers)("Throttle on %s", (kind) => {
  let redis: TestRedis;
  let client: RedisClientType;

  beforeAll(async () => {
    redis = await startRedis({ kind });
    client = await redis.client();
  });
  afterAll(() => redis.stop());
  beforeEach(() => (latest.clear(), client.flushAll()));

  const throttle = (options: ThrottleOptions = {}) => new Throttle({ client, ...options });

  it("of 200 guesses at once exactly five pass, in all processes together", async () => {
    const guards = [throttle(), new Throttle({ client: await redis.client() })];
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => take(guards[n % 2]!, "ada", home)));
    expect(passed(answers)).toBe(5);
    expect(passed([await take(guards[0]!, "eve", home)])).toBe(1);
    expect(passed([await take(guards[0]!, "ada", "192.0.2.1")])).toBe(1);
  });

  it("one address tries a hundred accounts an hour, no more", async () => {
    const guard = throttle();
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => take(guard, `user ${n}`, home)));
    expect(passed(answers)).toBe(100);
  });

  it("one account is tried from a hundred addresses an hour, no more", async () => {
    const guard = throttle();
    const answers = await Promise.all(addresses(200).map((address) => take(guard, "ada", address)));
    expect(passed(answers)).toBe(100);
  });

  it("what is refused counts nowhere: one address at its limit leaves the account to others", async () => {
    const guard = throttle({ perAddress: { attempts: 20, window: 60 } });
    await Promise.all(Array.from({ length: 300 }, () => take(guard, "ada", home)));
    const others = await Promise.all(addresses(95).map((address) => take(guard, "ada", address)));
    expect(passed(others)).toBe(95); // of 100, five were used
    // The account is at its limit; being refused for that uses up nothing of the address.
    await Promise.all(Array.from({ length: 100 }, () => take(guard, "ada", "192.0.2.1")));
    const rest = await Promise.all(Array.from({ length: 30 }, (_, n) => take(guard, `user ${n}`, "192.0.2.1")));
    expect(passed(rest)).toBe(20);
    // The address is at its limit; being refused for that uses up nothing of a pair.
    await Promise.all(Array.from({ length: 50 }, () => take(guard, "bob", "192.0.2.1")));
    const pair = throttle({ perAddress: { attempts: 1000, window: 60 } });
    expect(passed(await Promise.all(Array.from({ length: 10 }, () => take(pair, "bob", "192.0.2.1"))))).toBe(5);
  });

  it("a success gives back what it took, and forgets the failures of this account here", async () => {
    const guard = throttle({ perAddress: { attempts: 10, window: 60 }, perAccount: { attempts: 10, window: 60 } });
    for (let login = 0; login < 30; login++) {
      expect(await take(guard, "ada", home)).toEqual({ ok: true });
      await succeed(guard, "ada", home);
    }
    for (let failure = 0; failure < 4; failure++) await take(guard, "ada", home);
    await take(guard, "ada", home);
    await succeed(guard, "ada", home);
    expect(passed(await Promise.all(Array.from({ length: 20 }, () => take(guard, "ada", home))))).toBe(5);
    // Four failures before, five now; one of ten is left.
    expect(passed(await Promise.all(Array.from({ length: 20 }, () => take(guard, "eve", home))))).toBe(1);
  });

  it("a success that was not counted for the account gives it nothing back", async () => {
    const guard = throttle({ perAccount: { attempts: 10, window: 60 } });
    await succeed(guard, "ada", home);
    await Promise.all(addresses(10).map((address) => take(guard, "ada", address)));
    for (let login = 0; login < 5; login++) {
      await take(guard, "ada", home);
      await succeed(guard, "ada", home);
    }
    expect(await take(guard, "ada", "192.0.2.1")).toMatchObject({ ok: false });
  });

  it("giving back to nothing leaves no credit", async () => {
    const guard = throttle();
    for (let n = 0; n < 10; n++) await succeed(guard, "ada", home);
    expect((await client.keys("*")).length).toBe(2); // that the address is known, and the logins
    expect(passed(await Promise.all(Array.from({ length: 20 }, () => take(guard, "ada", home))))).toBe(5);
  });

  it("a stranger with a thousand addresses never locks the owner out of a known one", async () => {
    const guard = throttle();
    await take(guard, "ada", home);
    await succeed(guard, "ada", home);
    const attack = () => Promise.all(addresses(1000).map((address) => take(guard, "ada", address)));
    for (let wave = 0; wave < 3; wave++) {
      await attack();
      expect(await take(guard, "ada", "192.0.2.1")).toMatchObject({ ok: false });
      expect(await take(guard, "ada", home)).toEqual({ ok: true });
      await succeed(guard, "ada", home);
    }
  });

  it("after an attack an unknown address is let in again once the window is over", async () => {
    const guard = throttle({ perAccount: { attempts: 10, window: 2 } });
    await Promise.all(addresses(50).map((address) => take(guard, "ada", address)));
    expect(await take(guard, "ada", home)).toEqual({ ok: false, retryAfter: 2 });
    await expect.poll(() => take(guard, "ada", home), { timeout: 10_000 }).toEqual({ ok: true });
  });

  it("an address stays known for 30 days", async () => {
    await succeed(throttle(), "ada", home);
    const [key] = await client.keys("throttle:known:*");
    expect(await client.ttl(key!)).toBeGreaterThan(30 * 24 * 3600 - 60);
    await succeed(throttle({ knownFor: 100 }), "ada", home);
    expect(await client.ttl(key!)).toBeLessThanOrEqual(100);
  });

  it("says when to come back, and then lets pass; attempts in between prolong nothing", async () => {
    const guard = throttle({ perPair: { attempts: 2, window: 3 } });
    const began = performance.now();
    await take(guard, "ada", home);
    await take(guard, "ada", home);
    expect(await take(guard, "ada", home)).toEqual({ ok: false, retryAfter: 3 });
    await expect.poll(() => take(guard, "ada", home), { timeout: 10_000, interval: 20 }).toEqual({ ok: true });
    expect(performance.now() - began).toBeGreaterThan(2900);
    expect(performance.now() - began).toBeLessThan(4500);
    for (const guard of [throttle(), throttle()]) await Promise.all(addresses(5).map(() => take(guard, "bob", home)));
    expect(await take(throttle(), "bob", home)).toEqual({ ok: false, retryAfter: 15 * 60 });
  });

  it("other actions have counts of their own, per address", async () => {
    const guard = throttle();
    const answers = await Promise.all(Array.from({ length: 50 }, () => guard.takeFor("register", home)));
    expect(passed(answers)).toBe(20);
    expect(answers.at(-1)).toEqual({ ok: false, retryAfter: 3600 });
    expect(await guard.takeFor("reset", home)).toEqual({ ok: true });
    expect(await guard.takeFor("register", "192.0.2.1")).toEqual({ ok: true });
    expect(await take(guard, "ada", home)).toEqual({ ok: true });
  });

  it("IPv6 counts by its /64, and IPv4 in IPv6's clothes as IPv4", async () => {
    const guard = throttle();
    const subnet = Array.from({ length: 50 }, (_, n) => take(guard, "ada", `2001:db8:0:1:${n.toString(16)}::1`));
    expect(passed(await Promise.all(subnet))).toBe(5);
    expect(await take(guard, "ada", "2001:db8:0:2::1")).toEqual({ ok: true });
    for (let n = 0; n < 5; n++) await take(guard, "ada", home);
    expect(await take(guard, "ada", `::ffff:${home}`)).toMatchObject({ ok: false });
  });

  it("no name and no address is in a key or a value, every key has the prefix and goes away by itself", async () => {
    const guard = new Throttle({ client, prefix: "shop:throttle:" });
    await take(guard, "ada@example.org", home);
    await guard.takeFor("register", home);
    await take(guard, "eve@example.org", home);
    await succeed(guard, "eve@example.org", home);
    const keys = await client.keys("*");
    expect(keys.map((key) => key.replace(/[\w-]{22}$/, "hash")).sort()).toEqual(
      ["account", "action", "address", "known", "login", "pair"].map((kind) => `shop:throttle:${kind}:hash`),
    );
    for (const key of keys) {
      expect(`${key} ${await client.get(key)}`).not.toMatch(/ada|eve|example|198|51\.100/);
      expect(await client.ttl(key)).toBeGreaterThan(0);
    }
  });

  it("goes on after the server has forgotten its scripts", async () => {
    const guard = throttle();
    await take(guard, "ada", home);
    await client.scriptFlush();
    for (let n = 0; n < 4; n++) expect(await take(guard, "ada", home)).toEqual({ ok: true });
    expect(await take(guard, "ada", home)).toMatchObject({ ok: false });
  });

  it.each([2, 3] as const)("speaks RESP%i", async (RESP) => {
    const own = createClient({ url: redis.url, RESP });
    await own.connect();
    try {
      const guard = new Throttle({ client: own as unknown as RedisClientType });
      expect(passed(await Promise.all(addresses(20).map(() => take(guard, "ada", home))))).toBe(5);
      await succeed(guard, "ada", home);
      expect(await take(guard, "ada", home)).toEqual({ ok: true });
    } finally {
      own.destroy();
    }
  });

  it.each([
    ["perPair.attempts", { perPair: { attempts: 0, window: 1 } }],
    ["perAddress.window", { perAddress: { attempts: 1, window: 0.5 } }],
    ["perAccount.attempts", { perAccount: { attempts: Number.NaN, window: 1 } }],
    ["knownFor", { knownFor: -1 }],
    ["whenDown", { whenDown: "perhaps" as never }],
  ])("refuses a senseless %s", (option, options) => {
    expect(() => throttle(options)).toThrow(`\`${option}\``);
  });

  it("refuses what is no client of the `redis` package", () => {
    expect(() => new Throttle({ client: {} as never })).toThrow("redis");
  });
});

describe.skipIf(!redisServerPath)("Throttle through other clients", () => {
  const check = async (client: RedisClient) => {
    const guard = new Throttle({ client });
    const takeAll = (list: string[]) => Promise.all(list.map((address) => take(guard, "ada", address)));
    const answers = await takeAll(addresses(200));
    expect(passed(answers)).toBe(100);
    const owner = addresses(200)[answers.findIndex(({ ok }) => ok)]!;
    await succeed(guard, "ada", owner);
    expect(passed(await takeAll(Array<string>(20).fill(owner)))).toBe(5);
    expect(passed(await takeAll(["192.0.2.1", "192.0.2.2"]))).toBe(1); // the one that was given back
  };

  it("counts on a cluster", async () => {
    const cluster = await startCluster();
    const client = createCluster({ rootNodes: cluster.nodes.map(({ host, port }) => ({ socket: { host, port } })) });
    try {
      await client.connect();
      await check(client as unknown as RedisClient);
    } finally {
      client.destroy();
      await cluster.stop();
    }
  });

  it("counts in a pool", async () => {
    const redis = await startRedis();
    const pool = createClientPool({ url: redis.url }, { minimum: 3 });
    try {
      await pool.connect();
      await check(pool as unknown as RedisClient);
    } finally {
      pool.destroy();
      await redis.stop();
    }
  });

  it("counts behind a sentinel", async () => {
    const group = await startSentinel();
    const client = createSentinel({ name: group.name, sentinelRootNodes: group.nodes });
    try {
      await client.connect();
      await check(client as unknown as RedisClient);
    } finally {
      await client.destroy();
      await group.stop();
    }
  });
});

describe("Throttle without Redis", () => {
  beforeEach(() => latest.clear());

  const timed = async (work: () => Promise<unknown>) => {
    const began = performance.now();
    const answer = await work().catch((error: unknown) => error);
    return { answer, took: performance.now() - began };
  };
  const operations = (guard: Throttle) => [
    () => take(guard, "ada", home),
    () => guard.takeFor("register", home),
    () => succeed(guard, "ada", home).then(() => ({ ok: true })),
  ];

  it.skipIf(!redisServerPath).each(["refuse", "allow"] as const)("that is frozen: %s", async (whenDown) => {
    const redis = await startRedis({ kind: "redis" });
    try {
      const guard = new Throttle({ client: await redis.client(), whenDown, commandTimeout: 300 });
      expect(await take(guard, "ada", home)).toEqual({ ok: true });
      redis.process.kill("SIGSTOP");
      for (const operation of operations(guard)) {
        const { answer, took } = await timed(operation);
        if (whenDown === "allow") expect(answer).toEqual({ ok: true });
        else expect(answer).toMatchObject(unavailable);
        expect(took).toBeLessThan(1000);
      }
      redis.process.kill("SIGCONT");
      await expect.poll(() => guard.takeFor("register", home).catch(() => ({ ok: false }))).toEqual({ ok: true });
      await expect.poll(async () => (await timed(() => take(guard, "ada", home))).answer).toMatchObject({ ok: false });
    } finally {
      await redis.stop();
    }
  });

  it.each(["refuse", "allow"] as const)("that is gone: %s", async (whenDown) => {
    const redis = await startRedis();
    const client = await redis.client();
    const guard = new Throttle({ client, whenDown, commandTimeout: 300 });
    redis.process.kill("SIGKILL");
    await expect.poll(() => client.isReady).toBe(false);
    for (const operation of operations(guard)) {
      const { answer, took } = await timed(operation);
      if (whenDown === "allow") expect(answer).toEqual({ ok: true });
      else expect(answer).toMatchObject(unavailable);
      expect(String(answer)).not.toMatch(/ada|198/);
      expect(took).toBeLessThan(1000);
    }
    await redis.stop();
  });

  it("that answers with errors: refuses too", async () => {
    const redis = await startRedis();
    try {
      const client = await redis.client();
      await take(new Throttle({ client }), "ada", home);
      for (const key of await client.keys("*")) {
        await client.del(key);
        await client.hSet(key, "rubbish", "1");
      }
      await expect(take(new Throttle({ client }), "ada", home)).rejects.toMatchObject(unavailable);
      expect(await take(new Throttle({ client, whenDown: "allow" }), "ada", home)).toEqual({ ok: true });
    } finally {
      await redis.stop();
    }
  });
});
