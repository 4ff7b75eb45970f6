/** Every client library that is taken, on one server: it serves as `redis` 6 does, also in trouble. */
// cspell:ignore NOSUCH SKIPME geheim vertraulich sendcommand customcommand
import { inspect } from "node:util";
import type { RedisClientType } from "redis";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { redisSession, RedisSessionStore, sum } from "holdfast";
import { accountStoreContract, RedisAccounts } from "holdfast/auth";
import { MigratingStore } from "holdfast/migrate";
import { doctor, health, onSignal, pulse, readPulses, sessionAdmin } from "holdfast/ops";
import { MemoryStore } from "express-session";
import { rulesFor } from "../../lib/ops/doctor/rights.js";
import { guardClient } from "../../lib/redis/guard/guarded-client.js";
import { Subscription } from "../../lib/redis/index.js";
import { authSite } from "../support/auth-site.js";
import { commandsDuring } from "../support/commands.js";
import { drivers } from "../support/drivers.js";
import { redisServerPath } from "../support/programs.js";
import { FaultyProxy } from "../support/servers/faulty-proxy.js";
import { useRedis } from "../support/servers/use-redis.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import { startSite, Visitor, type Middleware, type Site } from "../support/web-site.js";
import { serves } from "./serves.js";

const secret = "a secret of the tests, long enough";
const session = (values: object = {}): any => ({ cookie: { originalMaxAge: null }, ...values });
const layouts = ["json", "hash"] as const;

describe.skipIf(!redisServerPath)("on one server", () => {
  expectNothingUnhandled();
  const redis = useRedis({ kind: "redis" });
  let admin: RedisClientType;
  let client: any;
  let site: Site | undefined;
  beforeAll(async () => {
    admin = await redis.client();
    await admin.sendCommand(["ACL", "SETUSER", "app", "on", ">pass", "~*", "+@all"]);
  });
  beforeEach(async () => void (await admin.flushAll()));

  const errorOf = (work: Promise<unknown>): Promise<any> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  describe.each(drivers.map((driver) => [driver.name, driver] as const))("%s", (name, driver) => {
    beforeEach(async () => {
      client = await driver.single(redis.port);
    });
    afterEach(async () => {
      redis.process.kill("SIGCONT");
      await site?.close();
      site = undefined;
      await driver.close(client);
    });

    test("serves: new, read, changed, merged, refreshed, listed, destroyed", () => serves(client));

    test("what `sessions.client`, `store.client` and signals name is the app's own object", async () => {
      const named = new Set<object>();
      const commands = new Set<string>();
      const stop = onSignal("redis:command", (signal) => {
        named.add(signal.client);
        commands.add(signal.command);
      });
      const sessions = redisSession({ client, secret });
      await sessions.ready();
      await sessions.store.set("a", session());
      await sessions.store.ids();
      stop();
      expect(sessions.client).toBe(client);
      expect(sessions.store.client).toBe(client);
      expect([...named]).toEqual([client]);
      expect([...commands].sort()).toEqual(["GET", "SCAN", "SET"]);
      await sessions.close();
    });

    test.each(layouts)("layout %s: of twenty overlapping changes none is lost", async (layout) => {
      const stores = [1, 2].map(() => new RedisSessionStore({ client, layout, merge: { n: sum } }));
      await stores[0]!.set("a", session({ n: 0 }));
      const loaded = await Promise.all(Array.from({ length: 20 }, (_, i) => stores[i % 2]!.get("a") as Promise<any>));
      await Promise.all(
        loaded.map((data, i) => stores[i % 2]!.set("a", Object.assign(data, { n: data.n + 1, [`f${i}`]: `{"${i}` }))),
      );
      const after: any = await stores[0]!.get("a");
      expect(after.n).toBe(20);
      expect(Object.keys(after).filter((key) => key.startsWith("f"))).toHaveLength(20);
    });

    test.each(layouts)("layout %s: a dead session stays dead", async (layout) => {
      const store = new RedisSessionStore({ client, layout });
      await store.set("a", session({ n: 1 }));
      const late: any = await store.get("a");
      await store.destroy("a");
      expect(await store.set("a", Object.assign(late, { n: 2 }))).toBe("gone");
      expect(await admin.keys("*")).toEqual([]);
    });

    test.each(layouts)("layout %s: reading is one command, which writes nothing", async (layout) => {
      const store = new RedisSessionStore({ client, layout });
      await store.set("a", session({ n: 1 }));
      const reads = () => Promise.all(Array.from({ length: 10 }, () => store.get("a")));
      expect(await commandsDuring(admin, reads)).toEqual({ [layout === "hash" ? "hgetall" : "get"]: 10 });
    });

    test.each(layouts)("layout %s: every text is kept, and what is no session is left alone", async (layout) => {
      const store = new RedisSessionStore({ client, layout });
      const values = {
        ü: "€ 𝄞 \u0000 \uFFFD",
        __proto__x: [1, null, { a: "" }],
        "1": "one",
        valueOf: "x",
        long: "x".repeat(70_000),
      };
      const own = JSON.parse('{"__proto__": {"polluted": true}}') as object;
      await store.set("a", session({ ...values, nested: own }));
      expect(await store.get("a")).toMatchObject(values);
      await admin.sendCommand(["SET", "sess:bytes", Buffer.from([0x7b, 0xff, 0xfe, 0x7d])]);
      await admin.rPush("sess:list", "x");
      expect([await store.get("bytes"), await store.get("list")]).toEqual([null, null]);
      expect(await admin.exists(["sess:bytes", "sess:list"])).toBe(2);
      const other = new RedisSessionStore({ client, layout: layout === "hash" ? "json" : "hash" });
      expect(await other.get("a")).toMatchObject(values);
      await other.set("a", Object.assign((await other.get("a"))!, { "1": "two" }));
      expect(await store.get("a")).toMatchObject({ ...values, "1": "two" });
    });

    test("lifetimes are what was asked for", async () => {
      const store = new RedisSessionStore({ client, ttl: 600, touchInterval: 0 });
      await store.set("a", session());
      expect((await admin.ttl("sess:a")) / 600).toBeCloseTo(1, 1);
      await admin.expire("sess:a", 60);
      await store.touch("a", (await store.get("a"))!);
      expect((await admin.ttl("sess:a")) / 600).toBeCloseTo(1, 1);
      const guard = guardClient(client);
      const lock = { condition: "NX", expiration: { type: "EX", value: 77 } } as const;
      expect(await guard.set("lock", "1", lock)).not.toBeNull();
      expect(await guard.set("lock", "2", lock)).toBeNull();
      expect([(await admin.ttl("lock")) / 77, await admin.get("lock")]).toEqual([expect.closeTo(1, 1), "1"]);
      const forever = new RedisSessionStore({ client, disableTTL: true });
      await forever.set("b", session());
      expect(await admin.ttl("sess:b")).toBe(-1);
    });

    test("a success was saved: if Redis refuses the change, the answer is 503, and 200 once it takes it", async () => {
      const sessions = redisSession({ client, secret });
      site = await startSite(sessions as Middleware, (req, res) => {
        req.session["n"] = (req.session["n"] ?? 0) + 1;
        res.end(String(req.session["n"]));
      });
      const visitor = new Visitor(site);
      expect(await visitor.get("/")).toMatchObject({ status: 200, body: "1" });
      await admin.configSet("min-replicas-to-write", "3");
      try {
        expect(await visitor.get("/")).toMatchObject({ status: 503, body: "SESSION_STORE_UNAVAILABLE" });
      } finally {
        await admin.configSet("min-replicas-to-write", "0");
      }
      expect(await visitor.get("/")).toMatchObject({ status: 200, body: "2" });
    });

    test("scripts that Redis has forgotten are sent again", async () => {
      const store = new RedisSessionStore({ client });
      await store.set("a", session({ n: 0 }));
      for (let n = 1; n <= 3; n++) {
        await admin.scriptFlush();
        await store.set("a", Object.assign((await store.get("a"))!, { n }));
      }
      expect(await store.get("a")).toMatchObject({ n: 3 });
    });

    test("a frozen Redis: a command ends at its deadline, those that follow at once; then it serves again", async () => {
      const guard = guardClient(client, { commandTimeout: 600, rules: { silence: 150, grace: 100 } });
      const store = new RedisSessionStore({ client });
      await store.set("a", session({ n: 1 }));
      redis.process.kill("SIGSTOP");
      const begun = performance.now();
      const first = errorOf(store.get("a")).then((error) => ({ error, took: performance.now() - begun }));
      await expect.poll(() => guard.isAvailable).toBe(false);
      const asked = performance.now();
      const refused = [store.get("a"), store.set("b", session()), store.ids(), store.destroy("a")].map(errorOf);
      for (const error of await Promise.all(refused))
        expect(error).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE", status: 503, reason: "down" });
      expect(performance.now() - asked).toBeLessThan(500); // not the deadline
      const { error, took } = await first;
      expect(error).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE", reason: "timeout" });
      expect(took).toBeLessThan(3000); // its own deadline, and not the usual one of five seconds
      redis.process.kill("SIGCONT");
      await expect.poll(() => store.get("a").catch(() => undefined)).toMatchObject({ n: 1 });
      expect(guard.isAvailable).toBe(true);
    });

    test("killed connections: what was under way ends, and it serves again", async () => {
      const store = new RedisSessionStore({ client, commandTimeout: 2000 });
      await store.set("a", session({ n: 0 }));
      for (let round = 0; round < 3; round++) {
        const reads = Array.from({ length: 20 }, () => errorOf(store.get("a")));
        await admin.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
        for (const error of await Promise.all(reads))
          if (error !== undefined) expect(error).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE", status: 503 });
        const change = async () => {
          const data: any = await store.get("a");
          return store.set("a", Object.assign(data, { n: round + 1 }));
        };
        await expect
          .poll(
            () =>
              change().then(
                () => true,
                () => false,
              ),
            { timeout: 5000 },
          )
          .toBe(true);
      }
      expect(await store.get("a")).toMatchObject({ n: 3 });
    });

    test("a user without rights: the reason in words, and no id or value in any part of the error", async () => {
      const limited = await driver.single(redis.port, { login: { username: "app", password: "pass" } });
      const store = new RedisSessionStore({ client: limited });
      try {
        await store.set("geheim", session({ n: 1 }));
        const data: any = await store.get("geheim");
        await admin.sendCommand(["ACL", "SETUSER", "app", "-get", "-evalsha", "-eval", "-set"]);
        const tried = [
          store.get("geheim"),
          store.set("geheim", Object.assign(data, { value: "vertraulich" })),
          store.set("geheim2", session({ value: "vertraulich" })),
        ];
        for (const error of await Promise.all(tried.map(errorOf))) {
          expect(error).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE", reason: "no-permission" });
          expect(error.message).toContain("the Redis user may not run this command");
          expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/geheim|vertraulich/);
        }
      } finally {
        await admin.sendCommand(["ACL", "SETUSER", "app", "+@all"]);
        await driver.close(limited);
      }
    });

    test("a command that the server does not know: its arguments are in no part of the error", async () => {
      const args = ["NOSUCH", "sess:geheim", "vertraulich"];
      const error = await errorOf(guardClient(client).sendTo(undefined, "NOSUCH", args));
      expect(error.message).toMatch(/unknown command .?NOSUCH/i);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/geheim|vertraulich/);
    });

    test.each(layouts)("layout %s: a change whose answer is lost with the connection is made once", async (layout) => {
      const proxy = await FaultyProxy.start(redis.port);
      const remote = await driver.single(proxy.port);
      try {
        const store = new RedisSessionStore({ client: remote, layout, merge: { n: sum } });
        await store.set("a", session({ n: 1 }));
        for (let n = 2; n <= 5; n++) {
          const data: any = await store.get("a");
          expect(data.n).toBe(n - 1);
          await store.set("a", Object.assign(data, { known: n })); // from now on, Redis has the script
          proxy.cutAfter(1);
          expect(await errorOf(store.set("a", Object.assign(data, { n })))).toMatchObject({
            code: "SESSION_STORE_UNAVAILABLE",
          });
          await expect.poll(() => store.get("a").catch(() => undefined), { timeout: 5000 }).toMatchObject({ n });
        }
      } finally {
        await driver.close(remote);
        await proxy.close();
      }
    });

    test.each([
      ["full", ["CONFIG", "SET", "maxmemory", "1"], ["CONFIG", "SET", "maxmemory", "0"]],
      ["read-only", ["REPLICAOF", "127.0.0.1", "1"], ["REPLICAOF", "NO", "ONE"]],
    ])("the reason %s is told as such", async (reason, begin, end) => {
      const store = new RedisSessionStore({ client });
      await store.set("a", session({ n: 1 }));
      const data: any = await store.get("a");
      await admin.sendCommand(begin);
      try {
        const tried = [store.set("b", session()), store.set("a", Object.assign(data, { n: 2 }))];
        for (const error of await Promise.all(tried.map(errorOf)))
          expect(error).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE", reason });
      } finally {
        await admin.sendCommand(end);
      }
    });

    test("a client that its owner has closed is no outage, and is told at the start", async () => {
      const store = new RedisSessionStore({ client });
      expect(await store.get("a")).toBeNull();
      await driver.close(client);
      await expect.poll(() => guardClient(client).isOpen).toBe(false);
      expect(await errorOf(store.get("a"))).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE" });
      const warnings: Error[] = [];
      const note = (warning: Error) => void warnings.push(warning);
      process.on("warning", note);
      const sessions = redisSession({ client, secret });
      expect(await errorOf(sessions.ready())).toMatchObject({ code: "HOLDFAST_CLIENT_NOT_CONNECTED" });
      await new Promise(setImmediate);
      process.off("warning", note);
      expect(warnings.filter(({ message }) => message.includes("Commands to Redis fail"))).toEqual([]);
    });

    test("a client that its owner closes while requests are under way: each of them ends", async () => {
      const store = new RedisSessionStore({ client, commandTimeout: 2000 });
      const requests = Array.from({ length: 60 }, (_, n) =>
        errorOf(n % 2 ? store.get("a") : store.set(`s${n}`, session())),
      );
      await driver.close(client);
      requests.push(errorOf(store.get("a")), errorOf(store.ids()));
      for (const error of await Promise.all(requests))
        if (error !== undefined) expect(error).toMatchObject({ code: "SESSION_STORE_UNAVAILABLE", status: 503 });
    });

    test("in another database, with a name: its keys are there alone, also after a lost connection", async () => {
      const named = await driver.single(redis.port, driver.named);
      try {
        await serves(named);
        const store = new RedisSessionStore({ client: named });
        for (let round = 0; round < 2; round++) {
          const isSaved = () => errorOf(store.set("a", session({ round })));
          await expect.poll(isSaved, { timeout: 5000 }).toBeUndefined();
          expect(await admin.dbSize()).toBe(0);
          expect(await admin.info("keyspace")).toMatch(/db3:keys=1,/);
          await admin.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
        }
      } finally {
        await driver.close(named);
      }
    });

    test.each(layouts)("layout %s: the rights that docs/production.md lists are enough", async (layout) => {
      const rules = rulesFor(["sessions", "hash", "near-cache"], { prefix: "sess:", authPrefix: "", moveKey: "" });
      await admin.sendCommand(["ACL", "SETUSER", "least", "reset", "on", ">pass", "-@all", ...rules, ...driver.needs]);
      const limited = await driver.single(redis.port, { login: { username: "least", password: "pass" } });
      try {
        const store = new RedisSessionStore({ client: limited, layout, nearCache: {}, touchInterval: 0 });
        await store.set("a", session({ n: 1 }));
        await store.set("a", Object.assign((await store.get("a"))!, { n: 2 }));
        await store.touch("a", (await store.get("a"))!);
        expect(await store.all()).toMatchObject([{ id: "a", n: 2 }]);
        const reads = () => commandsDuring(admin, () => store.get("a"));
        if (driver.hasNearCache) await expect.poll(reads, { timeout: 10_000 }).toEqual({});
        await store.clear();
        expect(await store.length()).toBe(0);
        await store.close();
      } finally {
        await driver.close(limited);
      }
    });

    test("`durability` waits for replicas, of which there are none here", async () => {
      const store = new RedisSessionStore({ client, durability: { replicas: 1, timeout: 20 } });
      expect(await errorOf(store.set("a", session()))).toMatchObject({
        code: "SESSION_NOT_REPLICATED",
        message: expect.stringContaining("0 of 1 replicas"),
      });
    });

    test("accounts keep the contract", async () => {
      const accounts = new RedisAccounts({ client });
      await Promise.all(accountStoreContract.map(({ check }) => check(accounts)));
    });

    test("logins: registered, logged in, limited, listed, ended", async () => {
      const accounts = new RedisAccounts({ client }) as never;
      const { visitor } = authSite({ redis: client, accounts, throttle: { perPair: { attempts: 3, window: 600 } } });
      const [ada, same, guesser] = [visitor(), visitor(), visitor()];
      const login = { username: "ada", password: "a long enough password of theirs" };
      expect((await ada.post("/api/register").send(login)).status).toBeLessThan(300);
      expect((await same.post("/api/login").send(login)).status).toBe(200);
      const { body } = await ada.get("/api/devices");
      expect(body.devices ?? body).toHaveLength(2);
      const guesses = [];
      for (let n = 0; n < 5; n++)
        guesses.push((await guesser.post("/api/login").send({ ...login, password: `wrong ${n}` })).status);
      expect(guesses).toEqual([401, 401, 401, 429, 429]);
      expect((await ada.post("/api/end-others").send({})).status).toBeLessThan(300);
      expect((await same.get("/me")).body).toMatchObject({ user: null });
      expect((await ada.get("/me")).body.user).toMatchObject({ username: "ada" });
    });

    test("what an operator has: doctor, health, pulse, sessions", async () => {
      const sessions = redisSession({ client, secret });
      expect(await health(sessions).check()).toMatchObject({ status: "ok" });
      await sessions.store.set("a", session({ passport: { user: "7" } }));
      const admins = sessionAdmin({ store: sessions.store });
      expect(await admins.count()).toBe(1);
      const running = pulse(sessions);
      await expect.poll(async () => (await readPulses(client)).processes.length).toBe(1);
      await running.stop();
      const toldBy = async (of: object) =>
        (await doctor(of))
          .filter(({ check }) => check !== "round-trip") // depends on how busy the machine is
          .map(({ check, found, level }) => `${check}: ${level}, ${found.replace(/[\d.]+/g, "N")}`);
      // Polled, because between the two a busy machine may have put a command into the slow log.
      const notTheSame = async () => {
        const usual = await toldBy(admin);
        return (await toldBy(client)).filter((line, index) => line !== usual[index]);
      };
      await expect.poll(notTheSame).toEqual([]);
    });

    test("messages of a channel are heard, also after a lost connection; or it is told that they cannot be", async () => {
      const heard: string[] = [];
      let starts = 0;
      const refusals: unknown[] = [];
      const subscription = new Subscription(client, "news", {
        onStart: () => void starts++,
        onMessage: (message) => void heard.push(message),
        onRefused: (error) => void refusals.push(error),
      });
      subscription.open();
      await expect.poll(() => starts + refusals.length).toBe(1);
      if (name !== "valkey-glide") {
        await admin.publish("news", "one");
        await expect.poll(() => heard).toEqual(["one"]);
        await admin.sendCommand(["CLIENT", "KILL", "TYPE", "pubsub"]);
        await expect.poll(() => starts, { timeout: 5000 }).toBe(2);
        await admin.publish("news", "two");
        await expect.poll(() => heard).toEqual(["one", "two"]);
      }
      expect(refusals).toHaveLength(name === "valkey-glide" ? 1 : 0);
      subscription.close();
      const listening = async () => (await admin.sendCommand(["CLIENT", "LIST", "TYPE", "pubsub"])) as string;
      await expect.poll(listening).toBe("");
    });

    test("a move from another store", async () => {
      const legacy = new MemoryStore();
      const store = new MigratingStore({ legacy, redis: new RedisSessionStore({ client }) });
      await new Promise<void>((resolve) => legacy.set("a", session({ n: 1 }), () => resolve()));
      expect(await new Promise((resolve) => void store.get("a", (_error, data) => resolve(data)))).toMatchObject({
        n: 1,
      });
      await store.close();
    });

    test("`nearCache` is on, or off with a warning; either way a change elsewhere is seen", async () => {
      const store = new RedisSessionStore({ client, nearCache: {} });
      const other = new RedisSessionStore({ client: admin });
      await store.set("a", session({ n: 1 }));
      expect(await store.get("a")).toMatchObject({ n: 1 });
      await other.set("a", Object.assign((await other.get("a"))!, { n: 2 }));
      await expect.poll(() => store.get("a")).toMatchObject({ n: 2 });
      await store.close();
    });

    test("in a Proxy, which traces commands", async () => {
      const seen = new Set<string>();
      const proxy = new Proxy(client, {
        get(target, property) {
          const value: unknown = Reflect.get(target, property);
          if (typeof value !== "function") return value;
          return (...args: unknown[]) => {
            seen.add(String(property).toLowerCase());
            return Reflect.apply(value, target, args);
          };
        },
      });
      await serves(proxy);
      const sent: Record<string, string[]> = { "redis 4": ["sendcommand"], "valkey-glide": ["customcommand"] };
      const usual = name.startsWith("io") ? ["call"] : ["get", "evalsha", "scan"];
      expect([...seen]).toEqual(expect.arrayContaining(sent[name] ?? usual));
    });
  });
});
