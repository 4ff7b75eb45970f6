/** Announcements that Redis refuses, or that stop without a word: the near cache is off, and comes back by itself. */
import { Redis } from "ioredis";
import { createClient, createClientPool, type RedisClientType } from "redis";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RedisSessionStore } from "holdfast";
import { trackChanges } from "../../lib/redis/index.js";
import { callsOf } from "../support/commands.js";
import { redisServerPath } from "../support/programs.js";
import { useRedis } from "../support/servers/use-redis.js";
import { connected, ready } from "./near-cache-works.js";

const login = { username: "app", password: "pass" };
const kinds: Record<string, (port: number) => Promise<any>> = {
  "a client": (port) => connected(createClient({ socket: { port }, ...login })),
  "a pool": (port) => connected(createClientPool({ socket: { port }, ...login })),
  ioredis: (port) => ready(new Redis({ port, ...login })),
};

describe.skipIf(!redisServerPath).each(Object.entries(kinds))("%s", (_name, open) => {
  const redis = useRedis({ kind: "redis" });
  let admin: RedisClientType;
  let client: any;
  beforeAll(async () => {
    admin = await redis.client();
  });
  beforeEach(async () => {
    await admin.sendCommand(["ACL", "SETUSER", "app", "on", ">pass", "~*", "&*", "+@all"]);
  });
  afterEach(async () => {
    redis.process.kill("SIGCONT");
    await (client.destroy ?? client.disconnect).call(client);
  });

  test("a right that is granted while the app runs switches it on", { timeout: 30_000 }, async () => {
    await admin.sendCommand(["ACL", "SETUSER", "app", "-client|tracking"]);
    client = await open(redis.port);
    const store = new RedisSessionStore({ client, nearCache: {}, touchInterval: 3600 });
    await store.set("a", { cookie: { originalMaxAge: null } } as never);
    const reads = () => callsOf(admin, "get");
    const costOfReading = async () => {
      const before = await reads();
      await store.get("a");
      return (await reads()) - before;
    };
    const refused = async () =>
      /cmdstat_client\|tracking:.*rejected_calls=[1-9]/.test(await admin.info("commandstats"));
    await expect.poll(refused).toBe(true);
    expect(await costOfReading()).toBe(1);
    await admin.sendCommand(["ACL", "SETUSER", "app", "+client|tracking"]);
    await expect.poll(costOfReading, { timeout: 15_000 }).toBe(0);
    await store.close();
  });

  test("a server that is silent for some seconds announces nothing meanwhile", { timeout: 30_000 }, async () => {
    client = await open(redis.port);
    const turns: string[] = [];
    const tracking = trackChanges(client, "sess:", {
      onStart: () => void turns.push("on"),
      onStop: () => void (turns.at(-1) === "on" && turns.push("off")),
      onChange: () => {},
    })!;
    await expect.poll(() => turns).toEqual(["on"]);
    redis.process.kill("SIGSTOP");
    await expect.poll(() => turns, { timeout: 8000 }).toEqual(["on", "off"]);
    redis.process.kill("SIGCONT");
    await expect.poll(() => turns.at(-1), { timeout: 10_000 }).toBe("on");
    await tracking.close();
    const listening = async () => (await admin.sendCommand(["CLIENT", "LIST", "TYPE", "pubsub"])) as string;
    await expect.poll(listening, { timeout: 10_000 }).toBe("");
  });
});
