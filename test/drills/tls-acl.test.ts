/** Drills: over TLS with certificates, and as a Redis user that may do only what docs/production.md says. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { RedisClientType } from "redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  redisSession,
  sum,
  type RedisSessionMiddleware,
  type RedisAtUrl,
  type RedisLayoutOptions,
  type RedisSessionStoreOptionsBase,
  type RedisSessionStore,
} from "holdfast";
import { secret } from "../promises/candidates.js";
import { redisServerPath } from "../support/programs.js";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { canStartTls, startTlsRedis, type TestTlsRedis } from "../support/servers/redis-tls.js";
import { expectNothingUnhandled } from "../support/unhandled.js";

const page = readFileSync(fileURLToPath(new URL("../../docs/production.md", import.meta.url)), "utf8");
const password = "correct horse";
const aclLine = /```acl\n(user .*)\n```/.exec(page)![1]!.replace("PASSWORD", "correct-horse");
const addedFor = (what: string) => new RegExp(`Add (?:for|on) ${what}: \`(.*)\``).exec(page)![1]!;
const user = "holdfast:correct-horse";

type Places = RedisAtUrl & RedisLayoutOptions & RedisSessionStoreOptionsBase;

/** What sessions do, through the store, in each layout: new, read, changed at once, refreshed, destroyed, listed, cleared. */
async function behave(options: Places): Promise<void> {
  const sessions = redisSession({ secret, touchInterval: 0, merge: { count: sum }, ...options });
  const store = sessions.store as RedisSessionStore;
  try {
    await sessions.ready();
    const id = `s${Math.random()}`;
    const cookie = { originalMaxAge: null } as never;
    await store.set(id, { cookie, count: 1, name: "a" } as never);
    const [one, other] = (await Promise.all([store.get(id), store.get(id)])) as any[];
    Object.assign(one, { count: one.count + 1, name: undefined, cart: { a: 1 } });
    Object.assign(other, { count: other.count + 1 });
    await store.set(id, one);
    await store.set(id, other);
    expect(await store.get(id)).toMatchObject({ count: 3, cart: { a: 1 } });
    await store.touch(id, other);
    // A character that stands for bytes that are no text: whether it is meant, the length tells.
    await store.set(id, Object.assign((await store.get(id))!, { query: "\uFFFD" }));
    expect(await store.get(id)).toMatchObject({ query: "\uFFFD", count: 3 });
    if (options.layout === "hash") await switchLayouts(store, options);
    expect(await store.length()).toBe(1);
    expect(await store.all()).toHaveLength(1);
    await store.destroy(id);
    await store.set(id, one); // a dead session stays dead
    expect(await store.ids()).toEqual([]);
    await store.set("last", { cookie } as never);
    await store.clear();
    expect(await store.get("last")).toBeNull();
  } finally {
    await sessions.close();
  }
}

/** Each layout takes over from the other. */
async function switchLayouts(hash: RedisSessionStore, options: Places): Promise<void> {
  const json = redisSession({ ...options, layout: "json", secret });
  try {
    await json.ready();
    for (const store of [json.store as RedisSessionStore, hash, json.store as RedisSessionStore]) {
      const [id] = await store.ids();
      const data: any = await store.get(id!);
      data.switched = (data.switched ?? 0) + 1;
      await store.set(id!, data);
    }
  } finally {
    await json.close();
  }
}

describe.skipIf(!redisServerPath)("a Redis user with only the rights in docs/production.md", () => {
  expectNothingUnhandled();
  let redis: TestRedis;
  let admin: RedisClientType;
  beforeAll(async () => {
    redis = await startRedis();
    admin = await redis.client();
  });
  afterAll(() => redis.stop());
  const give = async (line: string) => {
    await admin.sendCommand(["ACL", "DELUSER", "holdfast"]);
    await admin.sendCommand(["ACL", "SETUSER", ...line.split(" ").slice(1)]);
    await admin.sendCommand(["ACL", "LOG", "RESET"]);
    await admin.scriptFlush();
    await admin.flushAll();
  };
  const url = () => `redis://${user}@127.0.0.1:${redis.port}`;

  const base = aclLine.match(/\+[\w|]+/g)!;
  const forHash = addedFor("the layout `hash`").split(" ");
  const layouts = [
    { layout: "json", line: aclLine, commands: base },
    { layout: "hash", line: `${aclLine} ${forHash.join(" ")}`, commands: [...base, ...forHash] },
  ] as const;

  describe.each(layouts)("layout $layout", ({ layout, line, commands }) => {
    test("sessions work, and Redis denies no command", async () => {
      await give(line);
      await behave({ url: url(), layout });
      expect(await refused()).toEqual([]);
    });

    test.each(commands)("%s is needed", async (command) => {
      await give(`${line} -${command.slice(1)}`);
      const outcome = await behave({ url: url(), layout }).catch((error: unknown) => error);
      expect(outcome ?? (await refused())).toSatisfy((trouble) => trouble instanceof Error || trouble.length > 0);
    });
  });

  test("durability and the near cache work with their additional rights", async () => {
    await give(`${aclLine} ${addedFor("`durability`")}`);
    const replica = await startRedis({ kind: "redis", args: ["--replicaof", `127.0.0.1 ${redis.port}`] });
    try {
      await expect.poll(async () => (await admin.info("replication")).includes("connected_slaves:1")).toBe(true);
      await expect
        .poll(
          async () => {
            await admin.flushAll();
            return behave({ url: url(), durability: { replicas: 1, timeout: 1000 } }).then(() => "saved", String);
          },
          {
            timeout: 10_000,
          },
        )
        .toBe("saved");
    } finally {
      await replica.stop();
    }
    await give(`${aclLine} ${addedFor("`nearCache`")}`);
    await behave({ url: url(), nearCache: { maxEntries: 10, ttl: 5 } });
    const log = JSON.stringify(await admin.sendCommand(["ACL", "LOG"]));
    expect(log).not.toMatch(/tracking|subscribe|invalidate|client\|id/);
  });

  test("other keys are not accessible", async () => {
    await give(aclLine);
    await expect(behave({ url: url(), prefix: "other:" })).rejects.toMatchObject({ code: expect.any(String) });
  });

  /** What the server refused, but for the names that the client library gives itself. */
  async function refused(): Promise<unknown[]> {
    const log = (await admin.sendCommand(["ACL", "LOG"])) as unknown as unknown[];
    return log.filter((entry) => !/client\|/.test(JSON.stringify(entry)));
  }
});

describe.skipIf(!canStartTls)("TLS", () => {
  expectNothingUnhandled();
  let redis: TestTlsRedis;
  let sessions: RedisSessionMiddleware | undefined;
  beforeAll(async () => {
    redis = await startTlsRedis({ clientCertificates: true, acl: ["user default off", aclLine] });
  });
  afterAll(() => redis.stop());
  const url = () => `rediss://${user}@127.0.0.1:${redis.port}`;
  const tls = () => ({ ca: redis.ca, cert: redis.clientCert, key: redis.clientKey, servername: "redis.internal" });

  test("CA, client certificate, server name and ACL user together", async () => {
    await behave({ url: url(), tls: tls() });
  });

  test.each([
    ["no CA", { ca: undefined }],
    ["no client certificate", { cert: undefined, key: undefined }],
    ["another server name", { servername: "other.internal" }],
  ])("%s: ready() reports it in words, without the password", async (_name, change) => {
    sessions = redisSession({ url: url(), tls: { ...tls(), ...change }, secret });
    const error: Error = await sessions.ready().then(
      () => new Error("connected"),
      (error: Error) => error,
    );
    await sessions.close();
    expect(error).toMatchObject({ code: "HOLDFAST_REDIS_UNREACHABLE" });
    expect(error.message).toContain("TLS");
    expect(error.message).not.toContain(password);
  });

  test("`tls` without rediss:// is an error at startup", () => {
    expect(() => redisSession({ url: `redis://127.0.0.1:${redis.port}`, tls: tls(), secret })).toThrow("rediss://");
  });
});
