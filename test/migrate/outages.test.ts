/** A move while one of its two stores is away. */
import { describe, expect, test } from "vitest";
import { Visitor } from "../support/web-site.js";
import { bringTo, on, outcomeOf, seconds, server, thingsIn } from "./moving.js";
import { gate, loggedIn, look } from "./two-stores.js";
import { repositoryOf } from "../../lib/express-session/index.js";

describe("outage of the mirror", () => {
  test.each([
    ["the legacy store fails", 100, () => void (on.legacy.mood = "failing"), () => on.legacy.release()],
    ["the legacy store hangs", 100, () => void (on.legacy.mood = "hanging"), () => on.legacy.release()],
    ["Redis hangs", 0, () => void server.process.kill("SIGSTOP"), () => void server.process.kill("SIGCONT")],
  ] as [string, number, () => void, () => void][])(
    "%s: requests succeed and are soon fast again, and the mirror catches up",
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
      // A request that waits for the store that is away waits for 1,000 ms; a busy machine is slow by itself.
      expect(slowest[0]).toBeLessThan(2000);
      expect(Math.max(...slowest.slice(4))).toBeLessThan(700);
      expect(slowest.filter((took) => took > 700).length).toBeLessThan(3);
      // The eight sessions, and each write that has timed out and may still happen: on a busy machine there are some.
      await expect.poll(() => store.mirror.pending, seconds).toBeGreaterThanOrEqual(8);
      expect(store.mirror.failures).toBeGreaterThan(0);
      if (dial === 100) {
        await expect.poll(async () => (await on.move.status()).pending, seconds).toBeGreaterThanOrEqual(8);
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
      expect(await repositoryOf(on.redis).transfer.presenceOf(leaver.id)).toBe("dead");
    },
  );

  test("a logout that has not reached Redis yet is not undone by a slow request", async () => {
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

  test("Redis has answered a page too late, and is asked again although this process writes nothing", async () => {
    const { site } = await on.process({ commandTimeout: 700 });
    await on.turnTo(0);
    const visitor = await loggedIn(site, "v");
    server.process.kill("SIGSTOP");
    const { transfer } = repositoryOf(on.redis);
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => look(visitor)));
    await expect.poll(() => outcomeOf(transfer.presenceOf("anybody")), seconds).not.toBe("done");
    server.process.kill("SIGCONT");
    await expect.poll(() => outcomeOf(transfer.bury(visitor.id, 60)), seconds).toBe("done"); // a logout elsewhere
    await expect.poll(async () => (await look(visitor)).user, seconds).toBeNull();
  });

  test("a process that ends leaves no logout behind that Redis has not heard of", async () => {
    const [one, other] = [await on.process({ commandTimeout: 5000 }), await on.process({ commandTimeout: 5000 })];
    await on.turnTo(0);
    const visitor = await loggedIn(one.site, "v");
    const { reached, open } = gate("ending");
    const slow = new Visitor(other.site, visitor.cookie).get("/put?name=late&gate=ending");
    await reached;
    server.process.kill("SIGSTOP");
    await look(visitor); // from now on, this process does not wait for Redis
    expect((await visitor.get("/logout")).status).toBe(200);
    server.process.kill("SIGCONT");
    await one.close();
    expect(await repositoryOf(on.redis).transfer.presenceOf(visitor.id)).toBe("dead");
    open();
    await slow;
    expect((await look(new Visitor(other.site, visitor.cookie))).user).toBeNull();
    expect(on.legacy.sessionOf(visitor.id)).toBeUndefined();
    expect(await on.control.processes()).toHaveLength(1);
  });

  test("a write that timed out and arrives late does not overwrite a newer one", async () => {
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

  test("a session that the legacy store rejects does not delay others", async () => {
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

describe("outage of the home", () => {
  test.each(["failing", "hanging"] as const)(
    "the legacy store is %s: 503 with Retry-After, then recovery",
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

  test("Redis: 503 with Retry-After, then recovery", async () => {
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

  test("a write that reported a failure but took effect reaches the mirror", async () => {
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
    expect(await repositoryOf(on.redis).transfer.presenceOf(visitor.id)).toBe("dead");
  });

  test("while its home changes, a session that cannot be written to both stores gets a 503", async () => {
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
