/** The store made of two, on a real Redis: nobody is logged out or back in, and no change is lost, wherever the dial stands. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bucketOf } from "holdfast/migrate";
import { startRedis, type TestRedis } from "../support/redis-server.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import { Visitor } from "../support/web-site.js";
import { gate, loggedIn, look, twoStores, type Process, type TwoStores } from "./two-stores.js";

expectNothingUnhandled();
let server: TestRedis;
let on: TwoStores;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());
beforeEach(async () => {
  on = await twoStores(server);
});
afterEach(async () => {
  server.process.kill("SIGCONT");
  await on.close();
});

const seconds = { timeout: 15_000, interval: 20 };
const thingsIn = (data: Record<string, any> | undefined) => Object.keys(data?.["things"] ?? {}).sort();
const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: Error) => error.message,
  );

const phases = ["off", "moving 0", "moving 50", "moving 100", "turning", "to be turned", "finished"] as const;
const isTurning = (phase: string) => phase === "turning" || phase === "to be turned";
async function bringTo(phase: (typeof phases)[number]): Promise<void> {
  if (phase === "off") return;
  await on.turnTo(phase === "moving 0" ? 0 : phase === "moving 50" ? 50 : isTurning(phase) ? 30 : 100);
  if (isTurning(phase)) {
    const { version } = await on.control.read();
    await on.control.change(version, phase === "turning" ? { dial: 70, other: 30 } : { dial: 30, other: 70 });
    const versions = async () => (await on.control.processes()).map((process) => process.version);
    await expect.poll(async () => (await versions()).every((one) => one > version), seconds).toBe(true);
  }
  if (phase !== "finished") return;
  await on.move.noteVerified((await on.control.read()).version);
  await on.move.finish();
}

describe.each(["redisSession", "express-session"] as const)("with %s", (middleware) => {
  describe.each(["json", "hash"] as const)("and the layout %s", (layout) => {
    test.each(phases)("%s: logins, changes and logouts hold, in both stores that are written", async (phase) => {
      await on.process({ middleware, layout });
      const { site } = await on.process({ middleware, layout });
      await bringTo(phase);
      await Promise.all(
        Array.from({ length: 12 }, async (_, i) => {
          const visitor = new Visitor(site);
          await visitor.get(`/login?name=v${i}`);
          await visitor.get("/put?name=a");
          await visitor.get("/put?name=b");
          expect(await look(visitor)).toEqual({ user: `v${i}`, things: ["a", "b"] });
          const sid = visitor.id;
          if (phase !== "finished") expect(thingsIn(on.legacy.sessionOf(sid))).toEqual(["a", "b"]);
          if (phase !== "off") expect(thingsIn(await on.inRedis(sid))).toEqual(["a", "b"]);
          expect((await visitor.get("/logout")).status).toBe(200);
          expect(await look(new Visitor(site, visitor.cookie))).toEqual({ user: null, things: [] });
          expect(on.legacy.sessionOf(sid)).toBeUndefined();
          expect(await on.inRedis(sid)).toBeUndefined();
          if (phase.startsWith("moving") || isTurning(phase)) expect(await on.redis.standingOf(sid)).toBe("dead");
        }),
      );
    });

    test("a slow request does not bring back who logged out, at either home and while the home changes", async () => {
      const one = await on.process({ middleware, layout });
      const other = await on.process({ middleware, layout });
      await bringTo("turning"); // 0-29 at home in Redis, 30-69 changing, 70-99 in the legacy store
      for (const wanted of [{ below: 30 }, { from: 30, below: 70 }, { from: 70 }]) {
        for (let i = 0; i < 20; i++) {
          const visitor = await loggedIn(one.site, "v", wanted);
          const name = `slow-${middleware}-${layout}-${wanted.from}-${i}`;
          const { reached, open } = gate(name);
          const slow = visitor.get(`/put?name=late&gate=${name}`);
          await reached;
          const logout = new Visitor(i % 2 ? one.site : other.site, visitor.cookie).get("/logout");
          if (i % 4 < 2) await logout; // else both end at the same time
          open();
          await Promise.all([slow, logout]);
          expect(await look(new Visitor(other.site, visitor.cookie))).toEqual({ user: null, things: [] });
          expect(on.legacy.sessionOf(visitor.id)).toBeUndefined();
          expect(await on.inRedis(visitor.id)).toBeUndefined();
        }
      }
    });

    test.each([
      ["where Redis is the home, and after it has become so", "turning"],
      ["also where it is about to", "to be turned"],
    ] as const)("overlapping requests lose nothing %s, and both stores have it all", async (_, phase) => {
      on.legacy.slowness = 2;
      const sites = [await on.process({ middleware, layout }), await on.process({ middleware, layout })];
      await bringTo(phase);
      for (let i = 0; i < 50; i++) {
        const visitor = await loggedIn(sites[0]!.site, "v", { below: 70 });
        const names = ["a", "b", "c", "d", "e"];
        await Promise.all(
          names.map((name, n) => new Visitor(sites[n % 2]!.site, visitor.cookie).get(`/put?name=${name}`)),
        );
        expect(thingsIn(await on.inRedis(visitor.id))).toEqual(names);
        expect(thingsIn(on.legacy.sessionOf(visitor.id))).toEqual(names);
      }
    });
  });
});

describe("in the narrowest moment", () => {
  test("a request that saves between the two halves of a logout at home in the legacy store stays out", async () => {
    const [one, other] = [await on.process(), await on.process()];
    await on.turnTo(0);
    const visitor = await loggedIn(one.site, "v");
    const { reached, open } = gate("between");
    const slow = visitor.get("/put?name=late&gate=between");
    await reached;
    const bury = other.redis.bury.bind(other.redis);
    other.redis.bury = async (sid, seconds) => {
      open();
      await slow; // into the legacy store, and into Redis, where no tombstone is yet
      expect(on.legacy.sessionOf(sid)).toBeDefined();
      return bury(sid, seconds);
    };
    await new Visitor(other.site, visitor.cookie).get("/logout");
    expect(on.legacy.sessionOf(visitor.id)).toBeUndefined();
    expect(await on.inRedis(visitor.id)).toBeUndefined();
  });

  test.each(["/put?name=b", "/logout"])(
    "a copy that is overtaken by %s of another process is made again",
    async (path) => {
      const [one, other] = [await on.process(), await on.process()];
      await on.turnTo(100);
      const visitor = await loggedIn(one.site, "v");
      let isFirst = true;
      on.legacy.beforeWrite = async () => {
        if (!isFirst) return;
        isFirst = false;
        expect((await new Visitor(other.site, visitor.cookie).get(path)).status).toBe(200);
      };
      await visitor.get("/put?name=a");
      const isOut = path === "/logout";
      expect(thingsIn(on.legacy.sessionOf(visitor.id))).toEqual(isOut ? [] : ["a", "b"]);
      expect(on.legacy.sessionOf(visitor.id) === undefined).toBe(isOut);
    },
  );

  test("a change is not lost when the backfill brings an older copy just then", async () => {
    const { site, redis } = await on.process();
    const visitor = await loggedIn(site, "v");
    const row = on.legacy.sessionOf(visitor.id)!;
    await on.turnTo(0);
    const put = redis.put.bind(redis);
    redis.put = async (sid, data, options) => {
      redis.put = put;
      expect(await on.redis.put(sid, row, { onlyIfAbsent: true })).toBe("put");
      return put(sid, data, options);
    };
    await visitor.get("/put?name=a");
    expect(thingsIn(await on.inRedis(visitor.id))).toEqual(["a"]);
  });

  test("a logout that happened in the legacy store, although it reported a failure, is not undone by the dial", async () => {
    const { site, store } = await on.process();
    await on.turnTo(0);
    const visitor = await loggedIn(site, "v");
    on.legacy.destroy = (sid, callback) =>
      on.legacy.memory.destroy(sid, () => callback?.(new Error("the connection was closed")));
    expect((await visitor.get("/logout")).status).toBe(503);
    on.legacy.destroy = (sid, callback) => on.legacy.memory.destroy(sid, callback);
    await expect.poll(() => store.mirror.pending, seconds).toBe(0);
    await on.move.turn(100);
    expect((await look(visitor)).user).toBeNull();
  });
});

describe("sessions that one store lacks", () => {
  test("are brought home to Redis, with their full lifetime, and changed there", async () => {
    const { site } = await on.process({ maxAge: 3_600_000 });
    const visitor = await loggedIn(site, "v");
    const row = on.legacy.sessionOf(visitor.id)!;
    row.cookie.expires = new Date(Date.now() + 60_000); // saved 59 minutes ago, touched just now
    on.legacy.texts[visitor.id] = JSON.stringify(row);
    await on.turnTo(100);
    expect(await on.inRedis(visitor.id)).toBeUndefined();
    expect((await look(visitor)).user).toBe("v");
    expect(await on.redis.secondsLeft(visitor.id)).toBeGreaterThan(3500);
    await visitor.get("/put?name=a");
    expect(thingsIn(await on.inRedis(visitor.id))).toEqual(["a"]);
  });

  test("loaded from the legacy store before the dial was turned, saved after: merged or written whole", async () => {
    const { site } = await on.process();
    const visitor = await loggedIn(site, "v");
    const [first, second] = [gate("over-the-turn-1"), gate("over-the-turn-2")];
    const slow = [
      visitor.get("/put?name=a&gate=over-the-turn-1"),
      new Visitor(site, visitor.cookie).get("/put?name=b&gate=over-the-turn-2"),
    ];
    await Promise.all([first.reached, second.reached]);
    await on.turnTo(100);
    first.open();
    second.open();
    for (const { status } of await Promise.all(slow)) expect(status).toBe(200);
    expect(await look(visitor)).toEqual({ user: "v", things: ["a", "b"] });
    expect(thingsIn(on.legacy.sessionOf(visitor.id))).toEqual(["a", "b"]);
  });

  test("a session that the backfill has not reached is not gone because the database is away: 503", async () => {
    const { site } = await on.process();
    const visitor = await loggedIn(site, "v");
    await on.move.start();
    await on.move.turn(100, { force: true }); // never compared
    on.legacy.mood = "failing";
    expect((await visitor.get("/look")).status).toBe(503);
    on.legacy.mood = "well";
    expect((await look(visitor)).user).toBe("v");
  });

  test("once compared, an unknown cookie waits for no database", async () => {
    const { site } = await on.process();
    await on.turnTo(100);
    on.legacy.mood = "hanging";
    const stranger = new Visitor(site, (await loggedIn((await on.process()).site, "x")).cookie);
    await on.redis.destroy(stranger.id);
    const began = performance.now();
    expect(await look(stranger)).toEqual({ user: null, things: [] });
    expect(performance.now() - began).toBeLessThan(2000);
  });

  test("a change that only Redis has is brought home to the legacy store, if the dial was forced back", async () => {
    const { site } = await on.process();
    await on.turnTo(100);
    on.legacy.mood = "failing";
    const visitor = await loggedIn(site, "v");
    await visitor.get("/put?name=a");
    await on.move.turn(0, { force: true }).catch(() => {});
    on.legacy.mood = "well";
    await expect.poll(() => look(visitor), seconds).toEqual({ user: "v", things: ["a"] });
    await expect.poll(() => thingsIn(on.legacy.sessionOf(visitor.id)), seconds).toEqual(["a"]);
  });
});

describe("an outage of the mirror", () => {
  test.each([
    ["the legacy store fails", 100, () => void (on.legacy.mood = "failing"), () => on.legacy.release()],
    ["the legacy store hangs", 100, () => void (on.legacy.mood = "hanging"), () => on.legacy.release()],
    ["Redis hangs", 0, () => void server.process.kill("SIGSTOP"), () => void server.process.kill("SIGCONT")],
  ] as [string, number, () => void, () => void][])(
    "%s: no visitor notices, answers are soon quick, and all is caught up",
    async (_, dial, begin, end) => {
      const { site, store } = await on.process({ commandTimeout: 1000, legacyTimeout: 1000 });
      await on.turnTo(dial);
      const visitors = await Promise.all(Array.from({ length: 8 }, (_, i) => loggedIn(site, `v${i}`)));
      const leaver = visitors.pop()!;
      begin();
      const slowest: number[] = [];
      for (let round = 0; round < 12; round++) {
        const took = await Promise.all(
          visitors.map(async (visitor) => {
            const began = performance.now();
            expect((await visitor.get(`/put?name=r${String(round).padStart(2, "0")}`)).status).toBe(200);
            return performance.now() - began;
          }),
        );
        slowest.push(Math.max(...took));
        if (round === 6) expect((await leaver.get("/logout")).status).toBe(200);
      }
      expect(slowest[0]).toBeLessThan(1500);
      expect(Math.max(...slowest.slice(4))).toBeLessThan(dial === 0 ? 700 : 250);
      expect(slowest.filter((took) => took > 250).length).toBeLessThan(3);
      expect(store.mirror.pending).toBe(8);
      expect(store.mirror.failures).toBeGreaterThan(0);
      if (dial === 100) {
        await expect.poll(async () => (await on.move.status()).pending, seconds).toBe(8);
        expect((await on.move.status()).unmirrored).toBe(8);
      }
      end();
      await expect.poll(() => store.mirror.pending, seconds).toBe(0);
      if (dial === 100) expect(await on.control.countUnmirrored()).toBe(0);
      const all = Array.from({ length: 12 }, (_, round) => `r${String(round).padStart(2, "0")}`);
      for (const visitor of visitors) {
        expect(thingsIn(on.legacy.sessionOf(visitor.id))).toEqual(all);
        expect(thingsIn(await on.inRedis(visitor.id))).toEqual(all);
        expect((await look(visitor)).things).toEqual(all);
      }
      expect(on.legacy.sessionOf(leaver.id)).toBeUndefined();
      expect(await on.redis.standingOf(leaver.id)).toBe("dead");
    },
  );

  test("a logout that Redis has not heard of yet is not undone by a slow request", async () => {
    const { site, store } = await on.process({ commandTimeout: 500 });
    await on.turnTo(0);
    const visitor = await loggedIn(site, "v");
    const { reached, open } = gate("unheard");
    const slow = visitor.get("/put?name=late&gate=unheard");
    await reached;
    server.process.kill("SIGSTOP");
    await new Visitor(site, visitor.cookie).get("/logout");
    open();
    await slow;
    server.process.kill("SIGCONT");
    await expect.poll(() => store.mirror.pending, seconds).toBe(0);
    expect(on.legacy.sessionOf(visitor.id)).toBeUndefined();
    expect(await on.inRedis(visitor.id)).toBeUndefined();
    expect((await look(visitor)).user).toBeNull();
  });

  test("a write that was given up and comes through later does not stay over a newer one", async () => {
    const { site, store } = await on.process({ legacyTimeout: 300 });
    await on.turnTo(100);
    const visitor = await loggedIn(site, "v");
    let land = () => {};
    let isFirst = true;
    on.legacy.beforeWrite = () => {
      if (!isFirst) return;
      isFirst = false;
      return new Promise<void>((resolve) => (land = resolve));
    };
    await visitor.get("/put?name=a"); // its copy is on its way
    await visitor.get("/put?name=b");
    await expect.poll(() => thingsIn(on.legacy.sessionOf(visitor.id)), seconds).toEqual(["a", "b"]);
    expect(store.mirror.pending).toBeGreaterThan(0); // it may still come
    land();
    await expect.poll(() => store.mirror.pending, seconds).toBe(0);
    expect(thingsIn(on.legacy.sessionOf(visitor.id))).toEqual(["a", "b"]);
  });

  test("one session that the legacy store refuses holds up no other", async () => {
    const { site, store } = await on.process();
    await on.turnTo(100);
    const [bad, ...good] = await Promise.all(Array.from({ length: 6 }, (_, i) => loggedIn(site, `v${i}`)));
    on.legacy.mood = "failing";
    for (const visitor of [bad!, ...good]) await visitor.get("/put?name=a");
    on.legacy.beforeWrite = (_, sid) => {
      if (sid === bad!.id) throw new Error("too long for the column");
    };
    const plain = on.legacy.set.bind(on.legacy);
    on.legacy.set = (sid, session, callback) =>
      sid === bad!.id ? void callback?.(new Error("too long for the column")) : plain(sid, session, callback);
    on.legacy.mood = "well";
    await expect.poll(() => store.mirror.pending, seconds).toBe(1);
    for (const visitor of good) expect(thingsIn(on.legacy.sessionOf(visitor.id))).toEqual(["a"]);
    on.legacy.set = plain;
    on.legacy.beforeWrite = undefined;
  });
});

describe("an outage of the home", () => {
  test.each(["failing", "hanging"] as const)(
    "the legacy store, %s: 503 with Retry-After, then well again",
    async (mood) => {
      const { site } = await on.process({ legacyTimeout: 300 });
      await on.turnTo(0);
      const visitor = await loggedIn(site, "v");
      on.legacy.mood = mood;
      const answer = await visitor.get("/put?name=a");
      expect(answer.status).toBe(503);
      expect(answer.headers.get("retry-after")).toBe("1");
      on.legacy.release();
      expect((await look(visitor)).user).toBe("v");
    },
  );

  test("Redis: 503 with Retry-After, then well again", async () => {
    const { site } = await on.process({ commandTimeout: 300 });
    await on.turnTo(100);
    const visitor = await loggedIn(site, "v");
    server.process.kill("SIGSTOP");
    const answer = await visitor.get("/put?name=a");
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).not.toBeNull();
    server.process.kill("SIGCONT");
    await expect.poll(async () => (await visitor.get("/look")).status, seconds).toBe(200);
    expect((await look(visitor)).user).toBe("v");
  });

  test("a write that failed and happened all the same reaches the mirror", async () => {
    const { site, store } = await on.process({ legacyTimeout: 200 });
    await on.turnTo(0);
    const visitor = await loggedIn(site, "v");
    let land = () => {};
    on.legacy.beforeWrite = () => new Promise<void>((resolve) => (land = resolve)); // the answer comes too late
    expect((await visitor.get("/logout")).status).toBe(503);
    expect(store.mirror.pending).toBeGreaterThan(0);
    on.legacy.beforeWrite = undefined;
    land();
    await expect.poll(() => store.mirror.pending, seconds).toBe(0);
    expect(on.legacy.sessionOf(visitor.id)).toBeUndefined();
    expect(await on.redis.standingOf(visitor.id)).toBe("dead");
  });

  test("while its home is changing, a session that cannot be written in both stores is a 503", async () => {
    const { site } = await on.process({ legacyTimeout: 200 });
    await bringTo("turning");
    const changing = await loggedIn(site, "v", { from: 30, below: 70 });
    const settled = await loggedIn(site, "v", { below: 30 });
    on.legacy.mood = "failing";
    expect((await changing.get("/put?name=a")).status).toBe(503);
    expect((await settled.get("/put?name=a")).status).toBe(200);
    on.legacy.release();
    expect((await changing.get("/put?name=b")).status).toBe(200);
  });
});

describe("turning the dial", () => {
  const isBusy = (running: Promise<unknown>) => {
    const state = { busy: true };
    void running.catch(() => {}).finally(() => (state.busy = false));
    return state;
  };

  test("two processes follow within a second, under traffic, and nothing is lost on the way there and back", async () => {
    on.legacy.slowness = 1;
    const processes: Process[] = [await on.process(), await on.process()];
    await on.turnTo(0);
    const visitors = await Promise.all(Array.from({ length: 20 }, (_, i) => loggedIn(processes[0]!.site, `v${i}`)));
    const kept = visitors.map(() => [] as string[]);
    let isOver = false;
    const traffic = visitors.map(async (visitor, i) => {
      for (let n = 0; !isOver; n++) {
        const name = `t${String(n).padStart(5, "0")}`;
        const { status } = await new Visitor(processes[n % 2]!.site, visitor.cookie).get(`/put?name=${name}`);
        if (status === 200) kept[i]!.push(name);
        const seen = await look(new Visitor(processes[(n + 1) % 2]!.site, visitor.cookie));
        expect(seen).toEqual({ user: `v${i}`, things: kept[i] });
      }
    });
    const took: number[] = [];
    for (const dial of [100, 37, 50, 0, 100]) {
      await on.move.turn(dial);
      const began = performance.now();
      await expect.poll(() => processes.every(({ store }) => store.state.dial === dial), seconds).toBe(true);
      took.push(performance.now() - began);
    }
    isOver = true;
    await Promise.all(traffic);
    expect(Math.max(...took)).toBeLessThan(1000);
    expect(kept.every((names) => names.length > 10)).toBe(true);
    for (const [i, visitor] of visitors.entries()) {
      expect(thingsIn(await on.inRedis(visitor.id))).toEqual(kept[i]);
      expect(thingsIn(on.legacy.sessionOf(visitor.id))).toEqual(kept[i]);
    }
  });

  test("requests of one session that overlap lose nothing while its home changes between Redis and the legacy store", async () => {
    const processes = [await on.process(), await on.process()];
    await on.turnTo(100);
    for (let round = 0; round < 3; round++) {
      const visitor = await loggedIn(processes[0]!.site, "v");
      const names: string[] = [];
      // As the processes follow one after the other: one reads here, one there.
      const { version } = await on.control.read();
      await on.control.change(version, { other: 0 });
      const turned = async (dial: number) => {
        await expect.poll(() => processes.every(({ store }) => store.state.other === 0), seconds).toBe(true);
        await on.control.change((await on.control.read()).version, { dial, other: 100 - dial });
      };
      const turning = turned(0);
      for (let n = 0; n < 20; n++) {
        const pair = [`a${n}`, `b${n}`];
        names.push(...pair);
        await Promise.all(
          pair.map((name, p) => new Visitor(processes[p]!.site, visitor.cookie).get(`/put?name=${name}`)),
        );
        expect(thingsIn(on.legacy.sessionOf(visitor.id))).toEqual([...names].sort());
      }
      await turning;
      expect(thingsIn(await on.inRedis(visitor.id))).toEqual([...names].sort());
      await expect.poll(() => processes.every(({ store }) => store.state.dial === 0), seconds).toBe(true);
      await on.move.turn(0);
      await on.move.turn(100);
    }
  });

  test("is refused before the stores were compared, and outside a move", async () => {
    await on.process();
    expect(await outcomeOf(on.move.turn(10))).toMatch(/has not begun/);
    expect(await outcomeOf(on.move.turn(101))).toMatch(/0 to 100/);
    await on.move.start();
    expect(await outcomeOf(on.move.start())).toMatch(/begun already/);
    expect(await outcomeOf(on.move.turn(10))).toMatch(/never been compared/);
    expect(await outcomeOf(on.move.finish())).toMatch(/dial stands at 0/);
    await on.turnTo(100);
    expect(await outcomeOf(on.move.finish())).toMatch(/not been compared since/);
    await on.move.noteVerified((await on.control.read()).version);
    await on.move.finish();
    expect(await outcomeOf(on.move.turn(10))).toMatch(/finished/);
    expect(await outcomeOf(on.move.finish())).toBe("done");
  });

  test("a move cannot begin without a process that follows it", async () => {
    expect(await outcomeOf(on.move.start())).toMatch(/No process/);
    await on.move.start({ force: true });
  });

  test("waits while a mirror lags behind", async () => {
    const { site, store } = await on.process();
    await on.turnTo(100);
    const visitor = await loggedIn(site, "v");
    on.legacy.mood = "failing";
    await visitor.get("/put?name=a");
    await expect.poll(async () => (await on.move.status()).pending, seconds).toBe(1);
    const waits: string[] = [];
    const turning = on.move.turn(0, { onWait: (what) => waits.push(what) });
    const state = isBusy(turning);
    await expect.poll(() => waits, seconds).toContain("1 change to reach the other store");
    expect(state.busy).toBe(true);
    expect(store.state.dial).toBe(100);
    on.legacy.mood = "well";
    await turning;
    expect((await look(visitor)).things).toEqual(["a"]);
  });

  test("a process that ends without a word leaves a doubt, which a comparison settles", async () => {
    const { site } = await on.process();
    await on.turnTo(50);
    // As one that was killed: heard once, and not any more.
    const [heard] = Object.values((await on.client.hGetAll(`${on.key}:processes`)) as Record<string, string>);
    await on.client.hSet(`${on.key}:processes`, "killed", heard!.replace(/^\d+/, "1"));
    expect(await outcomeOf(on.move.turn(100))).toMatch(/ended without a word/);
    expect(await outcomeOf(on.move.turn(100))).toMatch(/verify --repair/);
    expect(await on.move.noteVerified((await on.control.read()).version)).toBe(true);
    await on.move.turn(100);
    expect((await look(await loggedIn(site, "v"))).user).toBe("v");
  });

  test("a doubt that comes up during a comparison is not settled by it", async () => {
    await on.process();
    await on.turnTo(50);
    const { version } = await on.control.read();
    await on.control.forget((await on.control.processes())[0]!, "A process ended.");
    expect(await on.move.noteVerified(version)).toBe(false);
    expect((await on.control.read()).doubt).toBe("A process ended.");
  });

  test("a turn that was left half way is resumed or taken back, and nothing else", async () => {
    await on.process();
    await on.turnTo(10);
    for (const [target, result] of [
      [50, 50],
      [10, 10],
    ] as const) {
      if ((await on.control.read()).dial !== 10) await on.move.turn(10);
      for (const fields of [{ other: 50 }, { dial: 50, other: 10 }] as Record<string, number>[]) {
        if ((await on.control.read()).dial !== 10) await on.move.turn(10);
        await on.control.change((await on.control.read()).version, fields);
        expect(await outcomeOf(on.move.turn(70))).toMatch(/half way between/);
        await on.move.turn(target);
        expect(await on.control.read()).toMatchObject({ dial: result, other: undefined });
      }
    }
  });

  test("a process that closes says goodbye and leaves no doubt; with changes pending it does not", async () => {
    const [first, second] = [await on.process(), await on.process()];
    await on.turnTo(100);
    await first.close();
    expect((await on.control.processes()).length).toBe(1);
    const visitor = await loggedIn(second.site, "v");
    on.legacy.mood = "failing";
    await visitor.get("/put?name=a");
    await second.close();
    expect((await on.control.processes()).length).toBe(1);
    on.legacy.mood = "well";
    expect(await outcomeOf(on.move.turn(0))).toMatch(/ended without a word/);
    expect(await on.control.unmirrored()).toEqual([visitor.id]);
  });
});

test("what is asked of each store: a page view at home in Redis asks the legacy store nothing", async () => {
  const { site } = await on.process();
  await on.turnTo(100);
  const visitor = await loggedIn(site, "v");
  await visitor.get("/put?name=a");
  const before = { ...on.legacy.asked };
  for (let i = 0; i < 20; i++) await look(visitor);
  expect(on.legacy.asked).toEqual(before);
});

test("sessions share out evenly, and always in the same way", () => {
  const sids = Array.from({ length: 5000 }, (_, i) => `sid-${i}`);
  const below = sids.filter((sid) => bucketOf(sid) < 37).length;
  expect(below / sids.length).toBeGreaterThan(0.34);
  expect(below / sids.length).toBeLessThan(0.4);
  expect(bucketOf("sid-1")).toBe(bucketOf("sid-1"));
});
