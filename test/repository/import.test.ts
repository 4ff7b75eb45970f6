/** Many sessions at once, copied from another store: what is in Redis stays, whatever it is. */
import type { RedisClientType } from "redis";
import { beforeEach, describe, expect, test } from "vitest";
import { RedisSessionStore, type RedisSessionStoreOptions } from "holdfast";
import { repositoryOf } from "../../lib/express-session/index.js";
import { keySlot } from "../../lib/redis/clients/key-slot.js";
import { onSignal } from "holdfast/ops";
import { useRedis } from "../support/servers/use-redis.js";

const server = useRedis();
const other = useRedis();
let client: RedisClientType;
beforeEach(async () => {
  client = await server.client();
  for (const one of [client, await other.client()]) await one.flushAll();
});

const text = (n: number | string) => JSON.stringify({ cookie: { path: "/" }, n });
const sessions = (count: number, seconds = 600) =>
  Array.from({ length: count }, (_, n) => ({ sid: `s${n}`, text: text(n), seconds }));
const into = (given: object, options: Partial<RedisSessionStoreOptions> = {}) =>
  repositoryOf(new RedisSessionStore({ client: given, ...options } as RedisSessionStoreOptions)).transfer;
const keys = async (one: RedisClientType) => (await one.keys("*")).sort();

test("each is written as it is, with its own lifetime, and nothing else is left behind", async () => {
  const transfer = into(client);
  const two = [
    { sid: "a", text: text("ü"), seconds: 50 },
    { sid: "b", text: text("b"), seconds: 1e9 },
  ];
  expect(await transfer.putMissing(two)).toBe(2);
  expect(await keys(client)).toEqual(["sess:a", "sess:b"]);
  expect(await client.mGet(["sess:a", "sess:b"])).toEqual([text("ü"), text("b")]);
  expect([await client.ttl("sess:a"), await client.ttl("sess:b")]).toEqual([50, 1e9]);
  expect(await transfer.putMissing([])).toBe(0);
});

test("a session, a tombstone and a value of another type stay as they are", async () => {
  const transfer = into(client);
  await client.set("sess:s1", "newer");
  await transfer.bury("s2", 100);
  await client.hSet("sess:s3", "cookie", "{}");
  expect(await transfer.putMissing(sessions(5))).toBe(2);
  expect(await client.mGet([0, 1, 2, 4].map((n) => `sess:s${n}`))).toEqual([text(0), "newer", "", text(4)]);
  expect(await client.hGetAll("sess:s3")).toEqual({ cookie: "{}" });
  expect(await transfer.putMissing(sessions(5))).toBe(0);
});

test("with `disableTTL` they do not expire", async () => {
  expect(await into(client, { disableTTL: true }).putMissing(sessions(2))).toBe(2);
  expect(await client.ttl("sess:s1")).toBe(-1);
});

test("a Redis without memory is an error, and what is missing is written by the next try", async () => {
  const transfer = into(client);
  expect(await transfer.putMissing(sessions(1))).toBe(1);
  await client.configSet("maxmemory", "1");
  await expect(transfer.putMissing(sessions(3))).rejects.toMatchObject({ reason: "full" });
  await client.configSet("maxmemory", "0");
  expect(await transfer.putMissing(sessions(3))).toBe(2);
});

describe("two servers behind one client", () => {
  /** As a proxy does it: each command goes where its first key belongs. */
  async function sharded(): Promise<object> {
    const clients = [client, await other.client()];
    const ownerOf = ([first, options]: [unknown, { keys?: string[] }?]) =>
      clients[keySlot(options?.keys?.[0] ?? String(first)) % 2]!;
    return new Proxy(client, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...args: [unknown, { keys?: string[] }?]) => Reflect.apply(value, ownerOf(args), args);
      },
    });
  }

  test("each session is where it is looked for, and none is anywhere else", async () => {
    const transfer = into(await sharded());
    expect(await transfer.putMissing(sessions(60))).toBe(60);
    let found = 0;
    for (const [n, one] of [client, await other.client()].entries()) {
      for (const key of await keys(one)) {
        // What was tried first is no session, and expires.
        if (key.startsWith("sess:holdfast-probe-"))
          expect([await one.get(key), (await one.ttl(key)) <= 60]).toEqual(["", true]);
        else if (keySlot(key) % 2 === n) found++;
        else throw new Error(`${key} is on the wrong server`);
      }
    }
    expect(found).toBe(60);
  });
});

test("one server gets them with one command", async () => {
  const commands: string[] = [];
  const transfer = into(client);
  await transfer.putMissing(sessions(1));
  const stop = onSignal("redis:command", ({ command }) => void commands.push(command));
  try {
    expect(await transfer.putMissing(sessions(40))).toBe(39);
    expect(commands).toEqual(["EVALSHA"]);
  } finally {
    stop();
  }
});
