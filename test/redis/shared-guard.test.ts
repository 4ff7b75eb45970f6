/** Whoever uses one client shares what is known of its Redis: an outage is learned once, and said once when it is over. */
import { createClient, type RedisClientType } from "redis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RedisSessionStore } from "holdfast";
import { RedisAccounts } from "holdfast/auth";
import { failureReasons } from "../../lib/errors/index.js";
import { guardClient, type GuardedClient } from "../../lib/redis/guard/guarded-client.js";
import type { RedisClient } from "../../lib/redis/commands.js";
import { FaultyProxy } from "../support/servers/faulty-proxy.js";
import { redisServerPath } from "../support/programs.js";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import { repositoryOf } from "../../lib/express-session/index.js";

const timed = async (work: Promise<unknown>) => {
  const began = performance.now();
  const error: any = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { took: performance.now() - began, error };
};

describe.skipIf(!redisServerPath)("one client, many users", () => {
  expectNothingUnhandled();
  let redis: TestRedis;
  let client: RedisClientType;
  let warnings: (Error & { code?: string })[];
  const note = (warning: Error) => void warnings.push(warning);
  const said = (code: string) => warnings.filter((warning) => warning.code === code).map(({ message }) => message);
  const guard = (commandTimeout?: number): GuardedClient =>
    guardClient(client as unknown as RedisClient, { commandTimeout });
  beforeEach(async () => {
    redis = await startRedis();
    client = await redis.client();
    warnings = [];
    process.on("warning", note);
  });
  afterEach(async () => {
    process.off("warning", note);
    redis.process.kill("SIGCONT");
    await redis.stop();
  });

  test("each has its own deadline; whoever asks for none has that of the first who did", async () => {
    const [short, long, none] = [guard(200), guard(600), guard()];
    expect(none.commandTimeout).toBe(200);
    redis.process.kill("SIGSTOP");
    const ended = await Promise.all([short, long, none, short.withTimeout(400)].map((user) => timed(user.get("a"))));
    for (const [index, timeout] of [200, 600, 200, 400].entries()) {
      expect(ended[index]!.error).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE", reason: "timeout" });
      expect(ended[index]!.took).toBeGreaterThan(timeout - 20);
    }
    const took = ended.map((one) => one.took);
    expect(Math.max(took[0]!, took[2]!)).toBeLessThan(took[3]!);
    expect(took[3]!).toBeLessThan(took[1]!);
    expect(took[1]!).toBeLessThan(3000);
  });

  test("a frozen Redis: list, count and scan end within the store's commandTimeout", async () => {
    const store = new RedisSessionStore({ client, commandTimeout: 200 });
    redis.process.kill("SIGSTOP");
    const scan = async () => {
      for await (const ids of repositoryOf(store).list()) void ids;
    };
    const asked = [store.get("a"), store.ids(), store.length(), store.all(), store.clear(), scan()];
    for (const { took, error } of await Promise.all(asked.map(timed))) {
      expect(error).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE", status: 503, reason: "timeout" });
      expect(took).toBeLessThan(3000); // and not the usual five seconds
    }
  });

  test("what one has learned, all know: nobody else waits", async () => {
    const store = new RedisSessionStore({ client });
    const accounts = new RedisAccounts({ client });
    redis.process.kill("SIGSTOP");
    const first = timed(store.get("a"));
    await expect.poll(() => guard().isAvailable, { timeout: 5000 }).toBe(false);
    const others = [accounts.findById("a"), accounts.findByUsername("a"), store.ids(), guard(9000).get("a")];
    for (const { took, error } of await Promise.all(others.map(timed))) {
      expect(error).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE", reason: "down" });
      expect(took).toBeLessThan(1000); // no deadline was waited for
    }
    redis.process.kill("SIGCONT");
    await first;
  });

  test("somebody impatient does not make a slow Redis count as down for the others", async () => {
    const [patient, impatient] = [guard(5000), guard().withTimeout(50)];
    const slow =
      "local t = redis.call('TIME') local function now() local n = redis.call('TIME') return (n[1]-t[1])*1e6 + n[2]-t[2] end while now() < 700000 do end return 1";
    const answer = patient.eval(slow, { keys: ["a"], arguments: [] });
    for (let n = 0; n < 5; n++) expect((await timed(impatient.get("a"))).error).toMatchObject({ reason: "timeout" });
    expect(patient.isAvailable).toBe(true);
    expect(await answer).toBe(1);
  });

  test("an outage is said once for all who use the client, and once that it is over, with how long it lasted", async () => {
    const users = [guard(300), guard(300), guard(400)];
    redis.process.kill("SIGSTOP");
    const ask = () => Promise.all(users.map((user) => timed(user.get("a")))).then(() => guard().isAvailable);
    await expect.poll(ask, { timeout: 5000 }).toBe(false);
    redis.process.kill("SIGCONT");
    await expect.poll(ask).toBe(true);
    await expect.poll(() => said("HOLDFAST_REDIS_BACK")).toEqual([expect.stringMatching(/is back after \d+\.\d s/)]);
    expect(said("HOLDFAST_REDIS_CONNECTION_LOST")).toHaveLength(1);
  });

  test("also of a client of the app's own that loses its connection, and not of one that is closed", async () => {
    const proxy = await FaultyProxy.start(redis.port);
    const own = createClient({ url: `redis://127.0.0.1:${proxy.port}`, socket: { reconnectStrategy: 20 } });
    own.on("error", () => {});
    await own.connect();
    const store = new RedisSessionStore({ client: own });
    try {
      proxy.blackHole(true);
      const cut = timed(store.get("a"));
      await expect.poll(() => guardClient(own as unknown as RedisClient).inFlight).toBe(1);
      proxy.blackHole(false);
      proxy.cut();
      expect((await cut).error).toMatchObject({
        code: "SESSION_STORE_UNAVAILABLE",
        status: 503,
        statusCode: 503,
        headers: { "Retry-After": "1" },
        reason: "reset",
      });
      await expect.poll(() => store.get("a").catch(() => "no")).toBeNull();
      expect(said("HOLDFAST_REDIS_CONNECTION_LOST")).toHaveLength(1);
      await expect.poll(() => said("HOLDFAST_REDIS_BACK")).toHaveLength(1);
    } finally {
      own.destroy();
      await proxy.close();
    }
    expect((await timed(store.get("a"))).error).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE", reason: "down" });
    await new Promise(setImmediate);
    expect(said("HOLDFAST_REDIS_CONNECTION_LOST")).toHaveLength(1);
  });

  const trouble: Record<string, [reason: string, begin: (admin: RedisClientType) => Promise<unknown>]> = {
    "out of memory": [
      "full",
      async (admin) => {
        await admin.configSet("maxmemory-policy", "noeviction");
        await admin.configSet("maxmemory", "1");
      },
    ],
    "a read-only replica": ["read-only", (admin) => admin.sendCommand(["REPLICAOF", "127.0.0.1", "1"])],
    "too few replicas": ["replicas", (admin) => admin.configSet("min-replicas-to-write", "3")],
    "no rights": ["no-permission", (admin) => admin.sendCommand(["ACL", "SETUSER", "default", "-@write"])],
  };
  test.each(Object.entries(trouble))(
    "%s: whatever is tried carries a reason from the list",
    async (_name, [reason, begin]) => {
      const store = new RedisSessionStore({ client });
      const accounts = new RedisAccounts({ client });
      const session: any = { cookie: { originalMaxAge: null }, a: 1 };
      await store.set("s", session);
      await begin(client);
      const tried = [
        store.set("new", { ...session }),
        store.get("s").then((data: any) => store.set("s", Object.assign(data, { a: 2 }))),
        accounts.create({ username: "ada", email: undefined, passwordHash: "x" } as never),
      ];
      for (const { error } of await Promise.all(tried.map(timed))) {
        expect(error).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE", status: 503, statusCode: 503 });
        expect(error.reason).toBe(reason);
        expect(failureReasons).toContain(error.reason);
      }
    },
  );
});
