/** The command's client, which has only the commands that this package sends, answers each as that of `redis` does. */
import type { RedisClientType } from "redis";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { readPulses } from "holdfast/ops";
import { connect } from "../../lib/cli/redis/connect.js";
import { adapterOf, SentCommands, type RedisConnection } from "../../lib/redis/index.js";
import { MoveControl } from "../../lib/migrate/state/control.js";
import { serves } from "../redis/serves.js";
import { useRedis } from "../support/servers/use-redis.js";

const server = useRedis();
let full: RedisClientType;
let connection: RedisConnection;
let lean: RedisClientType;
beforeAll(async () => {
  full = await server.client();
  connection = connect({ url: server.url });
  await connection.ready();
  lean = connection.client as RedisClientType; // as everything that is given it takes it
});
afterAll(() => connection.close());
beforeEach(() => full.flushAll());

const script = "return { KEYS[1], ARGV[1], redis.call('EXISTS', KEYS[1]) }";
const sha1 = "d4dbfa07ac8ee8c3cf2b8b8ee6a7d7a2f1d2c3b4"; // of no script
const input = { keys: ["string"], arguments: ["x"] };

const calls: Record<string, [name: string, ...args: unknown[]][]> = {
  strings: [
    ["set", "string", "text"],
    ["set", "string", "other", { condition: "NX" }],
    ["set", "brief", "text", { expiration: { type: "EX", value: 60 } }],
    ["get", "string"],
    ["get", "nothing"],
    ["strLen", "string"],
    ["mGet", ["string", "nothing"]],
    ["exists", "string"],
    ["expire", "string", 60],
    ["ttl", "string"],
    ["ttl", "nothing"],
    ["unlink", ["string", "nothing"]],
    ["unlink", "brief"],
  ],
  hashes: [
    ["hSet", "hash", "field", "value"],
    ["hSet", "hash", "__proto__", "value"],
    ["hIncrBy", "hash", "n", 5],
    ["hmGet", "hash", ["field", "nothing"]],
    ["hStrLen", "hash", "field"],
    ["hDel", "hash", "field"],
    ["hGetAll", "hash"],
    ["hGetAll", "nothing"],
  ],
  sets: [
    ["sAdd", "set", "member"],
    ["sIsMember", "set", "member"],
    ["sMembers", "set"],
    ["sCard", "set"],
    ["sRem", "set", ["member", "nothing"]],
    ["zRange", "nothing", 0, -1],
  ],
  others: [
    ["ping"],
    ["wait", 0, 10],
    ["scan", "0", { MATCH: "nothing*", COUNT: 10 }],
    ["eval", script, input],
    ["evalSha", sha1, input],
  ],
};

async function repliesOf(client: object, list: readonly (readonly [name: string, ...args: unknown[]])[]) {
  await full.flushAll();
  const replies: [name: string, reply: unknown][] = [];
  for (const [name, ...args] of list) {
    const reply: Promise<unknown> = Reflect.apply(Reflect.get(client, name), client, args);
    replies.push([name, await reply.catch((error: Error) => error.message)]);
  }
  return replies;
}

it.each(Object.entries(calls))("%s", async (_, list) => {
  const replies = await repliesOf(full, list);
  expect(replies).toHaveLength(list.length);
  expect(await repliesOf(lean, list)).toEqual(replies);
});

it("has all commands that this package sends, and all of them are compared", () => {
  const names = Object.getOwnPropertyNames(SentCommands.prototype);
  const sent = names.filter((name) => !["constructor", "fields"].includes(name)); // not of `RedisCommands`
  const compared = Object.values(calls).flatMap((list) => list.map(([name]) => name));
  expect([...new Set(compared)].toSorted()).toEqual([...sent, "scan", "wait"].toSorted());
});

it("is taken for a client of `redis`, and reads a hash as a list, with a field named __proto__", async () => {
  const adapter = adapterOf(lean);
  expect([adapter.kind, adapter.commands, adapter.isOpen]).toEqual(["single", lean, true]);
  await full.hSet("hash", { a: "1", ["__proto__"]: "2" });
  expect(await adapter.fieldsOf("hash")).toEqual(["a", "1", "__proto__", "2"]);
});

it("serves sessions in both layouts, a migration and the pulses", async () => {
  await serves(lean);
  const control = new MoveControl(lean);
  expect(await control.change(0, { phase: "moving", dial: 10 })).toBe(true);
  expect(await control.read()).toMatchObject({ phase: "moving", dial: 10 });
  expect((await readPulses(lean)).processes).toEqual([]);
});

it("has no method for any other command", () => {
  expect("geoAdd" in full).toBe(true);
  expect("geoAdd" in lean).toBe(false);
});
