/** Accounts in Redis: what lies where, and that a name has one owner whatever happens in between. */
import { readFileSync } from "node:fs";
import type { RedisClientType } from "redis";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Account, accountStoreContract, RedisAccounts } from "holdfast/auth";
import { commandsDuring } from "../../support/commands.js";
import { availableServers, startRedis } from "../../support/servers/redis-server.js";
import { useRedis } from "../../support/servers/use-redis.js";

describe.each(availableServers)("RedisAccounts on %s", (kind) => {
  const redis = useRedis({ kind });
  let client: RedisClientType;
  let accounts: RedisAccounts;

  beforeAll(async () => {
    client = await redis.client();
    accounts = new RedisAccounts({ client });
    await create("Ada", "ada@example.org"); // from here on the server knows the scripts
  });
  beforeEach(() => client.flushAll());

  const create = (username: string, email?: string) =>
    accounts.create({ username, email, passwordHash: `hash of ${username}` });

  it.each(accountStoreContract.map(({ name, check }) => [name, check] as const))("contract: %s", (_, check) =>
    check(accounts),
  );

  it("an account is found by id, by user name and by e-mail address", async () => {
    const account = made(await create("Ada", "Ada@example.org"));
    expect(account).toMatchObject({ username: "Ada", email: "Ada@example.org", passwordHash: "hash of Ada" });
    expect(Math.abs(account.createdAt - Date.now())).toBeLessThan(60_000);
    expect(await accounts.findById(account.id)).toEqual(account);
    expect(await accounts.findByUsername("Ada")).toEqual(account);
    expect(await accounts.findByEmail("ADA@EXAMPLE.ORG")).toEqual(account);
  });

  it("an account is one HASH and a key per name, and none expires", async () => {
    const { id } = made(await create("Ada", "Ada@Bücher.example"));
    const keys = [`user:${id}`, "username:ada", "email:ada@xn--bcher-kva.example"];
    expect((await client.keys("*")).sort()).toEqual(keys.sort());
    expect(await client.get("username:ada")).toBe(id);
    expect(await client.get("email:ada@xn--bcher-kva.example")).toBe(id);
    for (const key of keys) expect(await client.ttl(key)).toBe(-1);
  });

  it("a removed account leaves nothing behind", async () => {
    const { id } = made(await create("Ada", "ada@example.org"));
    expect(await accounts.remove(id)).toBe(true);
    expect(await client.keys("*")).toEqual([]);
  });

  it("an account of an earlier version, with no field for it, is not disabled", async () => {
    await client.hSet("user:7d0c", { username: "Ada", passwordHash: "h", createdAt: "1790000000000" });
    await client.set("username:ada", "7d0c");
    const account = { id: "7d0c", username: "Ada", passwordHash: "h", createdAt: 1790000000000, isDisabled: false };
    expect(await accounts.findByUsername("ada")).toEqual(account);
    expect(await accounts.setDisabled("7d0c", true)).toBe(true);
    expect((await accounts.findById("7d0c"))?.isDisabled).toBe(true);
  });

  it("the commands of docs/accounts.md make an account that is found, and freed", async () => {
    const page = readFileSync(new URL("../../../docs/accounts.md", import.meta.url), "utf8");
    const block = /```redis\n([^`]+)```/.exec(page)![1]!;
    const words = (line: string) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
    for (const line of block.trim().split("\n")) await client.sendCommand(words(line));
    const account = await accounts.findByUsername("ada");
    expect(account).toMatchObject({ username: "Ada", email: "ada@example.org", isDisabled: false });
    expect(await accounts.findByEmail("ada@example.org")).toEqual(account);
    await accounts.remove(account!.id);
    expect(await client.keys("*")).toEqual([]);
  });

  it("a prefix goes before every key", async () => {
    const store = new RedisAccounts({ client, prefix: "shop:" });
    await store.create({ username: "Ada", email: "ada@example.org", passwordHash: "h" });
    const keys = await client.keys("*");
    expect(keys).toHaveLength(3);
    expect(keys.every((key) => key.startsWith("shop:"))).toBe(true);
  });

  it.each([
    ["case", "ADA"],
    ["space around it", " ada "],
    ["full-width letters", "ａｄａ"],
  ])("a name is the same one whatever its %s", async (_, other) => {
    await create("Ada");
    expect(await create(other)).toBe("username-taken");
    expect((await accounts.findByUsername(other))?.username).toBe("Ada");
  });

  it("who is not there is not found, which is no error", async () => {
    expect(await accounts.findById("nobody")).toBeUndefined();
    expect(await accounts.findByUsername("nobody")).toBeUndefined();
    expect(await accounts.findByUsername("__proto__")).toBeUndefined();
  });

  it("of fifty that race for a name one gets it, and the others leave nothing behind", async () => {
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, i) => create("Ada", i % 2 ? "ada@example.org" : undefined)),
    );
    const won = results.filter((result) => typeof result !== "string");
    expect(won).toHaveLength(1);
    expect((await accounts.findByUsername("ada"))?.id).toBe(won[0]?.id);
    expect(await client.keys("*")).toHaveLength(won[0]?.email ? 3 : 2);
  });

  it("an account that is not made in the end is never seen", async () => {
    await create("Ada", "ada@example.org");
    const attempt = create("Grace", "ada@example.org");
    let isOver = false;
    void attempt.finally(() => (isOver = true));
    const seen: unknown[] = [];
    let looks = 0;
    for (; !isOver; looks++) seen.push(await accounts.findByUsername("Grace"));
    expect(await attempt).toBe("email-taken");
    expect(looks).toBeGreaterThan(1);
    expect(seen.filter((account) => account !== undefined)).toEqual([]);
    expect(await client.exists("username:grace")).toBe(0);
  });

  /** The commands of `create` when nobody has the names, in their order. */
  const steps = ["the HASH", "the name", "the address", "the end"];

  it.each([1, 2, 3].map((sent) => [sent, steps[sent - 1]] as const))(
    "a crash after %i commands (%s) leaves nothing that stays",
    async (sent) => {
      const wanted = { username: "Ada", email: "ada@example.org", passwordHash: "h" };
      const attempt = crashingAfter(sent).create(wanted);
      await expect(attempt).rejects.toThrow("crash");
      const [halfMade] = await client.keys("user:*");
      expect(await client.ttl(halfMade!)).toBeGreaterThan(0);
      expect(await accounts.findById(halfMade!.slice("user:".length))).toBeUndefined();
      expect(await accounts.findByUsername("ada")).toBeUndefined();
      expect(await accounts.findByEmail("ada@example.org")).toBeUndefined();
      if (sent === 2) expect(await create("Ada")).toBe("username-taken");
      if (sent === 3) expect(await create("Grace", "ada@example.org")).toBe("email-taken");
      await client.del(halfMade!); // as its expiry does
      const results = await Promise.all(Array.from({ length: 20 }, () => create("Ada", "ada@example.org")));
      expect(results.filter((result) => typeof result !== "string")).toHaveLength(1);
      expect(await client.keys("*")).toHaveLength(3);
    },
  );

  it.each([1, 2, 3])("removing that breaks off after %i commands leaves both names to be taken over", async (sent) => {
    const { id } = made(await create("Ada", "ada@example.org"));
    const attempt = crashingAfter(sent).remove(id);
    if (sent < 3) await expect(attempt).rejects.toThrow("crash");
    await attempt.catch(() => {});
    expect(await accounts.findByUsername("ada")).toBeUndefined();
    expect(await accounts.findByEmail("ada@example.org")).toBeUndefined();
    const next = made(await create("Ada", "ada@example.org"));
    expect(await accounts.remove(id)).toBe(false);
    expect(await accounts.findByEmail("ada@example.org")).toEqual(next);
  });

  it("who was held up until the account had gone is told so, and frees the names", async () => {
    const slow = new RedisAccounts({
      client: overriding(async (send, count) => {
        if (count === steps.length) await client.del(await client.keys("user:*")); // the minute passed
        return send();
      }),
    });
    await expect(slow.create({ username: "Ada", email: "ada@example.org", passwordHash: "h" })).rejects.toMatchObject({
      code: "HOLDFAST_ACCOUNT_NOT_MADE",
      status: 503,
    });
    expect(await client.keys("*")).toEqual([]);
  });

  it("an account whose last answer was lost is taken back, for its owner was told that there is none", async () => {
    const unlucky = new RedisAccounts({
      client: overriding(async (send, count) => {
        const answer = await send();
        if (count === steps.length) throw new Error("Socket closed unexpectedly");
        return answer;
      }),
    });
    const wanted = { username: "Ada", email: "ada@example.org", passwordHash: "h" };
    await expect(unlucky.create(wanted)).rejects.toThrow("Redis, which stores the accounts, failed: Socket closed");
    await expect.poll(() => client.keys("*")).toEqual([]);
  });

  it("a failure of Redis says what to do, and is answered with 503", async () => {
    await expect(crashingAfter(0).findByEmail("ada@example.org")).rejects.toMatchObject({
      code: "SESSION_STORE_UNAVAILABLE",
      status: 503,
      headers: { "Retry-After": "1" },
      message: expect.stringContaining("look at the Redis server") as string,
    });
  });

  it("what is no client is refused at the start", () => {
    expect(() => new RedisAccounts({ client: {} })).toThrow("must be a client of `redis` (4 or later), ioredis");
  });

  it.each(["findByUsername", "findByEmail"] as const)(
    "%s takes the same commands whether there is an account or not",
    async (find) => {
      await create("Ada", "ada@example.org");
      const count = (name: string) => commandsDuring(client, () => accounts[find](name));
      const [known, unknown] = find === "findByEmail" ? ["ada@example.org", "nobody@example.org"] : ["ada", "nobody"];
      expect(await count(unknown)).toEqual(await count(known));
      expect(Object.keys(await count(known))).toHaveLength(2);
    },
  );

  /** The client, with each of its commands in the hands of `meddle`; `count` says which one it is, from 1. */
  function overriding(meddle: (send: () => Promise<unknown>, count: number) => Promise<unknown>): unknown {
    let count = 0;
    return new Proxy(client, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        if (!["get", "set", "hGetAll", "exists", "evalSha", "eval"].includes(String(name))) return value.bind(target);
        const command = value as (...args: unknown[]) => Promise<unknown>;
        return (...args: unknown[]) => meddle(() => command.apply(target, args), ++count);
      },
    });
  }

  /** As a process that ends then: nothing more is sent. */
  function crashingAfter(sent: number): RedisAccounts {
    const crash = () => Promise.reject(new Error("crash"));
    return new RedisAccounts({ client: overriding((send, count) => (count > sent ? crash() : send())) });
  }
});

function made(answer: Account | string): Account {
  if (typeof answer === "string") throw new Error(`it was free, but the answer is ${answer}`);
  return answer;
}

it.runIf(availableServers.includes("redis"))("no error of Redis quotes a name, an address or a hash", async () => {
  const disabled = ["EVAL", "EVALSHA", "GET", "SET", "HGETALL"].flatMap((command) => ["--rename-command", command, ""]);
  const crippled = await startRedis({ kind: "redis", args: disabled });
  try {
    const accounts = new RedisAccounts({ client: await crippled.client() });
    for (const work of [
      () => accounts.create({ username: "Ada", email: "ada@example.org", passwordHash: "hash" }),
      () => accounts.findByUsername("Ada"),
      () => accounts.findByEmail("ada@example.org"),
      () => accounts.findById("Ada"),
      () => accounts.changePassword("Ada", "hash", "hash"),
      () => accounts.remove("Ada"),
    ]) {
      const error = await work().then(
        () => expect.fail("nothing failed"),
        (thrown: Error) => thrown,
      );
      expect(error.message).toMatch(/unknown command '[A-Z]+'/i);
      expect(error.message).not.toMatch(/ada|hash/i);
    }
  } finally {
    await crippled.stop();
  }
});
