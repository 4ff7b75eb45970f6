/**
 * The Redis of `holdfast/testing` does what a Redis does: the same generated commands and scripts on both give the same
 * replies, and leave the same behind.
 */
import fc from "fast-check";
import type { RedisClientType } from "redis";
import { beforeAll, describe, expect, it } from "vitest";
import * as accountScripts from "../../lib/auth/accounts/scripts/embedded.js";
import * as loginScripts from "../../lib/auth/logins/scripts/embedded.js";
import * as throttleScripts from "../../lib/auth/throttle/scripts/embedded.js";
import type { NodeRedisClient } from "../../lib/redis/clients/node-redis-client.js";
import { defineScript, runScript, type RedisCommands } from "../../lib/redis/index.js";
import { sessionScripts } from "../../lib/repository/index.js";
import { MemoryRedis } from "../../lib/testing/memory/memory-redis.js";
import { scriptsInMemory } from "../../lib/testing/memory/scripts/index.js";
import { useRedis } from "../support/servers/use-redis.js";

type Call = (client: RedisCommands) => Promise<unknown>;

const from = (...values: string[]) => fc.constantFrom(...values);
const list = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts);

/** A script with some arguments, on one of these keys. */
function script(source: string, keys: string[], args: fc.Arbitrary<string[]>): fc.Arbitrary<Call> {
  const defined = defineScript(source);
  return fc.tuple(from(...keys), args).map(
    ([key, given]) =>
      (client) =>
        runScript(client, defined, [key], given),
  );
}

// ---- sessions: two keys, which hold a text or a hash ------------------------------------------------------------------

const sessions = ["sess:a", "sess:b"];
const text = from('{"cookie":{},"n":1}', '{"cookie":{},"n":2}', "");
const seconds = from("0", "100", "200");
const value = from("1", "2", "-3", "1.5", '"x"', "100", "9007199254740993");
const fieldNames = from("cookie", "a", "b", "__proto__");
const fields = fc
  .uniqueArray(fc.tuple(fieldNames, value), { selector: ([name]) => name, minLength: 1 })
  .map((pairs) => pairs.flat());
/** As it is, or as JSON in one argument. */
const listed = fc.tuple(fields, fc.boolean()).map(([all, isLong]) => (isLong ? [JSON.stringify(all)] : all));
const change = fc.oneof(
  fc.tuple(from("set"), fieldNames, fc.oneof(value, from("")), fc.oneof(value, from(""))),
  fc.tuple(from("sum"), fieldNames, value, from("1", "-2", "40")),
  fc.tuple(from("max", "min"), fieldNames, value, from("1", "7", "-1.5")),
);
const changes = fc
  .uniqueArray(change, { selector: ([, name]) => name, minLength: 1 })
  .chain((all) => from("plain", "JSON").map((form) => (form === "JSON" ? [JSON.stringify(all.flat())] : all.flat())));

const onSessions = fc.oneof(
  fc.tuple(from(...sessions), text).map(
    ([key, written]): Call =>
      (client) =>
        client.set(key, written),
  ),
  fc.tuple(from(...sessions), text).map(
    ([key, written]): Call =>
      (client) =>
        client.set(key, written, { condition: "NX", expiration: { type: "EX", value: 50 } }),
  ),
  from(...sessions).map(
    (key): Call =>
      (client) =>
        client.unlink(key),
  ),
  from(...sessions).map(
    (key): Call =>
      (client) =>
        client.expire(key, 70),
  ),
  from(...sessions).map(
    (key): Call =>
      (client) =>
        client.get(key),
  ),
  from(...sessions).map(
    (key): Call =>
      (client) =>
        client.strLen(key),
  ),
  fc.tuple(from(...sessions), fieldNames).map(
    ([key, name]): Call =>
      (client) =>
        client.hStrLen(key, name),
  ),
  from(...sessions).map(
    (key): Call =>
      (client) =>
        client.hmGet(key, ["cookie", "a", "none"]),
  ),
  fc.tuple(from(...sessions), from(...sessions)).map(
    (keys): Call =>
      (client) =>
        runScript(client, defineScript(sessionScripts.bringSource), keys, []),
  ),
  fc.tuple(fc.shuffledSubarray(sessions, { minLength: 2 }), text, from("0", "100")).map(
    ([keys, written, end]): Call =>
      (client) =>
        runScript(client, defineScript(sessionScripts.putSource), keys, [written, end]),
  ),
  fc.tuple(fc.shuffledSubarray(sessions, { minLength: 2 }), seconds, listed).map(
    ([keys, end, all]): Call =>
      (client) =>
        runScript(client, defineScript(sessionScripts.createHashSource), keys, [end, ...all]),
  ),
  script(
    sessionScripts.createHashSource,
    sessions,
    fc.tuple(seconds, listed).map(([end, all]) => [end, ...all]),
  ),
  script(sessionScripts.replaceSource, sessions, list(text, text, from("0", "100", ""), from("0", "1"))),
  script(
    sessionScripts.replaceTextSource,
    sessions,
    fc.tuple(text, seconds, listed).map(([loaded, end, all]) => [loaded, end, ...all]),
  ),
  script(
    sessionScripts.replaceHashSource,
    sessions,
    fc.tuple(text, seconds, listed).map(([written, end, all]) => [written, end, ...all]),
  ),
  script(
    sessionScripts.replaceFieldsSource,
    sessions,
    fc
      .tuple(from("", "100"), from("0", "1"), from("", "", "1", "2"), changes)
      .map(([end, tracking, count, all]) => [end, tracking, count, ...all]),
  ),
);

// ---- logins, counts, accounts -----------------------------------------------------------------------------------------

const devices = ["devices:1"];
/** The channel, and the id of the user. */
const told = [from("devices:ended"), from("1")] as const;
const field = from("d:1", "d:2");
const entry = from('{"since":5,"seen":6}', '{"since":50,"seen":60}', "-7", "-90k");
const epoch = from("e1", "e2");
const time = from("4", "8", "60");
const lifetime = from("100", "300");
const revocation = from("", "0", "200");

const onLogins = fc.oneof(
  {
    weight: 1,
    arbitrary: from("devices:1").map(
      (key): Call =>
        (client) =>
          client.unlink(key),
    ),
  },
  {
    weight: 1,
    arbitrary: from("devices:1").map(
      (key): Call =>
        (client) =>
          client.set(key, "a text"),
    ),
  },
  {
    weight: 6,
    arbitrary: script(
      loginScripts.openLoginSource,
      devices,
      list(field, entry, epoch, lifetime, revocation, from("", "d:1", "d:2"), from("-9"), from("0", "1"), ...told),
    ),
  },
  {
    weight: 6,
    arbitrary: script(loginScripts.seeLoginSource, devices, list(field, entry, epoch, time, lifetime, revocation)),
  },
  {
    weight: 6,
    arbitrary: script(
      loginScripts.endLoginSource,
      devices,
      list(field, time, from("", "k"), revocation, field, epoch, time, ...told),
    ),
  },
  {
    weight: 1,
    arbitrary: script(loginScripts.endAllLoginsSource, devices, list(epoch, lifetime, revocation, ...told)),
  },
  { weight: 1, arbitrary: script(loginScripts.announceSource, devices, list(...told)) },
  {
    weight: 2,
    arbitrary: script(
      loginScripts.endAllLoginsSource,
      devices,
      list(epoch, lifetime, revocation, ...told, field, epoch, time, entry),
    ),
  },
  {
    weight: 2,
    arbitrary: script(
      loginScripts.dropEntriesSource,
      devices,
      fc
        .tuple(from("0", "5", "55"), fc.array(fc.tuple(field, entry), { maxLength: 2 }))
        .map(([floor, pairs]) => [floor, ...pairs.flat()]),
    ),
  },
);

const onCounts = fc.oneof(
  script(
    throttleScripts.countSource,
    ["count:1", "count:2"],
    list(from("1", "1", "1", "-1"), from("100"), from("2", "3")),
  ),
  from("count:1").map(
    (key): Call =>
      (client) =>
        client.unlink(key),
  ),
  from("count:1").map(
    (key): Call =>
      (client) =>
        client.get(key),
  ),
);

const users = ["user:1", "user:2"];
const claims = ["username:a", "username:b"];
const onAccounts = fc.oneof(
  script(
    accountScripts.beginAccountSource,
    users,
    list(from("60"), from("username"), from("a", "b"), from("passwordHash"), from("h1", "h2")),
  ),
  script(accountScripts.finishAccountSource, users, list(from("1790000000000"))),
  script(accountScripts.changePasswordSource, users, list(from("h1", "h2"), from("h3", "h1"))),
  script(accountScripts.setDisabledSource, users, list(from("0", "1"))),
  script(accountScripts.removeAccountSource, users, fc.constant([])),
  script(accountScripts.replaceClaimSource, claims, list(from("1", "2"), from("", "1", "2"))),
  fc.tuple(from(...claims), from("1", "2")).map(
    ([key, id]): Call =>
      (client) =>
        client.set(key, id, { condition: "NX" }),
  ),
  from(...users).map(
    (key): Call =>
      (client) =>
        client.exists(key),
  ),
  from(...users).map(
    (key): Call =>
      (client) =>
        client.hGetAll(key),
  ),
);

// ---- the comparison ---------------------------------------------------------------------------------------------------

/** A reply, or the kind of an error. Milliseconds of a window are as good as seconds here. */
async function replyTo(call: Call, client: RedisCommands): Promise<unknown> {
  try {
    const reply = await call(client);
    const isCount = Array.isArray(reply) && typeof reply[1] === "number" && reply[1] > 1000;
    return isCount ? [reply[0], Math.round(reply[1] / 10_000)] : reply;
  } catch (error) {
    return `fails: ${(error as Error).message.split(" ")[0]}`;
  }
}

async function everything(client: NodeRedisClient, keys: readonly string[]): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  const lists = client.withTypeMapping({ [37]: Array }); // an object would lose a field named `__proto__`
  for (const key of keys) {
    const left = Number(await client.ttl(key));
    const content = await client.get(key).catch(() => lists.hGetAll(key));
    if (left !== -2) found[key] = [content, left < 0 ? left : Math.round(left / 10)];
  }
  return found;
}

const redis = useRedis();
let real: RedisClientType;
beforeAll(async () => {
  real = await redis.client();
});

const families: [string, fc.Arbitrary<Call>, string[]][] = [
  ["sessions", onSessions, sessions],
  ["logins", onLogins, devices],
  ["counts of attempts", onCounts, ["count:1", "count:2"]],
  ["accounts", onAccounts, [...users, ...claims]],
];

describe.each(families)("%s", (_, call, keys) => {
  it("the same calls give the same replies, and leave the same behind", async () => {
    const calls = fc.array(call, { minLength: 5, maxLength: 25, size: "max" });
    await fc.assert(
      fc.asyncProperty(calls, async (all) => {
        await real.flushDb();
        const memory = new MemoryRedis();
        for (const [i, one] of all.entries()) {
          const theirs = await replyTo(one, real as unknown as RedisCommands);
          expect([i, await replyTo(one, memory)]).toEqual([i, plain(theirs)]);
        }
        expect(await everything(memory, keys)).toEqual(await everything(real as unknown as NodeRedisClient, keys));
        const found = await real.scan("0", { MATCH: "*", COUNT: 1000 });
        expect((await memory.scan("0", { MATCH: "*" })).keys.sort()).toEqual(found.keys.sort());
      }),
      { numRuns: 150 },
    );
  });
});

/** Without the class of what the client library returns. */
function plain(reply: unknown): unknown {
  return typeof reply === "object" && reply !== null && !Array.isArray(reply) ? { ...reply } : reply;
}

describe("the scripts", () => {
  /** Only a move, or an import, runs these. */
  const left: string[] = ["overwriteSource", "presenceSource", "writeMissingSource"];
  const all = Object.entries({ ...sessionScripts, ...loginScripts, ...throttleScripts, ...accountScripts });

  it("each one that sessions and logins run is there in memory; add it in lib/testing/memory/scripts", () => {
    const lacking = all.filter(([, source]) => !scriptsInMemory.has(defineScript(source).sha1)).map(([name]) => name);
    expect(lacking.sort()).toEqual(left);
    expect(scriptsInMemory.size).toBe(all.length - left.length);
  });

  it("any other is refused in words, and so is a command that is not there", async () => {
    const memory = new MemoryRedis();
    const unsupported = expect.objectContaining({ code: "HOLDFAST_TESTING_UNSUPPORTED" });
    await expect(runScript(memory, defineScript("return 1"), ["a"], [])).rejects.toEqual(unsupported);
    await expect(memory.sAdd()).rejects.toEqual(unsupported);
  });
});
