/** A move in its narrowest moments, and sessions that one of the two stores lacks. */
import type { SessionData, Store } from "express-session";
import { describe, expect, test } from "vitest";
import { Visitor } from "../support/web-site.js";
import { on, seconds, thingsIn } from "./moving.js";
import { gate, loggedIn, look } from "./two-stores.js";
import { repositoryOf } from "../../lib/express-session/index.js";

describe("race conditions", () => {
  test("with the legacy store as home, a save between the two steps of a logout does not bring the session back", async () => {
    const [one, other] = [await on.process(), await on.process()];
    await on.turnTo(0);
    const visitor = await loggedIn(one.site, "v");
    const { reached, open } = gate("between");
    const slow = visitor.get("/put?name=late&gate=between");
    await reached;
    const { transfer } = repositoryOf(other.redis);
    const bury = transfer.bury.bind(transfer);
    transfer.bury = async (sid, seconds) => {
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
    "a copy is repeated if %s in another process changes the session meanwhile",
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

  test("a change survives a backfill that writes an older copy at the same moment", async () => {
    const { site, redis } = await on.process();
    const visitor = await loggedIn(site, "v");
    const row = on.legacy.sessionOf(visitor.id)!;
    await on.turnTo(0);
    const { transfer } = repositoryOf(redis);
    const put = transfer.put.bind(transfer);
    transfer.put = async (sid, data, options) => {
      transfer.put = put;
      expect(await repositoryOf(on.redis).transfer.put(sid, row, { onlyIfAbsent: true })).toBe("put");
      return put(sid, data, options);
    };
    await visitor.get("/put?name=a");
    expect(thingsIn(await on.inRedis(visitor.id))).toEqual(["a"]);
  });

  test("a logout that reached the legacy store but reported an error is not undone when the dial is turned", async () => {
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

describe("a session that one store lacks", () => {
  test("is copied to Redis with its full lifetime, and changed there", async () => {
    const { site } = await on.process({ maxAge: 3_600_000 });
    const visitor = await loggedIn(site, "v");
    const row = on.legacy.sessionOf(visitor.id)!;
    row.cookie.expires = new Date(Date.now() + 60_000); // saved 59 minutes ago, touched just now
    on.legacy.texts[visitor.id] = JSON.stringify(row);
    await on.turnTo(100);
    expect(await on.inRedis(visitor.id)).toBeUndefined();
    expect((await look(visitor)).user).toBe("v");
    expect(await repositoryOf(on.redis).transfer.secondsLeft(visitor.id)).toBeGreaterThan(3500);
    await visitor.get("/put?name=a");
    expect(thingsIn(await on.inRedis(visitor.id))).toEqual(["a"]);
  });

  test("loaded from the legacy store before the dial is turned and saved afterwards, it is merged or written whole", async () => {
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

  test("not reached by the backfill: 503, not logged out, while the database is down", async () => {
    const { site } = await on.process();
    const visitor = await loggedIn(site, "v");
    await on.move.start();
    await on.move.turn(100, { acceptLoss: true }); // never compared
    on.legacy.mood = "failing";
    expect((await visitor.get("/look")).status).toBe(503);
    on.legacy.mood = "well";
    expect((await look(visitor)).user).toBe("v");
  });

  test("once the stores are compared, an unknown session id does not wait for the database", async () => {
    const { site } = await on.process();
    await on.turnTo(100);
    on.legacy.mood = "hanging";
    const stranger = new Visitor(site, (await loggedIn((await on.process()).site, "x")).cookie);
    await on.redis.destroy(stranger.id);
    const began = performance.now();
    expect(await look(stranger)).toEqual({ user: null, things: [] });
    expect(performance.now() - began).toBeLessThan(2000);
  });

  test.each(["the visitor returns", "the change is retried"])(
    "a change that only Redis has is copied to the legacy store if the dial was forced back and then %s",
    async (first) => {
      const { site, store } = await on.process();
      await on.turnTo(100);
      on.legacy.mood = "failing";
      const visitor = await loggedIn(site, "v");
      await visitor.get("/put?name=a");
      await on.move.turn(0, { acceptLoss: true });
      on.legacy.mood = "well";
      if (first !== "the visitor returns") await expect.poll(() => store.mirror.pending, seconds).toBe(0);
      expect(await look(visitor)).toEqual({ user: "v", things: ["a"] });
      await expect.poll(() => store.mirror.pending, seconds).toBe(0);
      expect(thingsIn(on.legacy.sessionOf(visitor.id))).toEqual(["a"]);
      expect(thingsIn(await on.inRedis(visitor.id))).toEqual(["a"]);
    },
  );

  test("an older copy in the legacy store does not undo that change if the dial was forced back", async () => {
    const { site, store } = await on.process();
    await on.turnTo(100);
    const visitor = await loggedIn(site, "v");
    on.legacy.mood = "failing";
    await visitor.get("/put?name=a");
    await on.move.turn(0, { acceptLoss: true });
    on.legacy.mood = "well";
    await expect.poll(() => store.mirror.pending, seconds).toBe(0);
    expect(await look(visitor)).toEqual({ user: "v", things: ["a"] });
    expect(thingsIn(await on.inRedis(visitor.id))).toEqual(["a"]);
  });

  test("a failed save to the legacy store does not end a session that only Redis has", async () => {
    const [one, other] = [await on.process(), await on.process()];
    await on.turnTo(100);
    on.legacy.mood = "failing";
    const visitor = await loggedIn(one.site, "v");
    await on.move.turn(0, { acceptLoss: true });
    await one.store.close(); // what it had to bring home is known to Redis alone
    const elsewhere = repositoryOf(on.redis);
    const found = (await elsewhere.load(visitor.id))!;
    await expect(save(other.store, visitor.id, found.data)).rejects.toThrow(/legacy session store failed/);
    on.legacy.mood = "well";
    await expect.poll(() => other.store.mirror.pending, seconds).toBe(0);
    expect((await look(new Visitor(other.site, visitor.cookie))).user).toBe("v");
  });
});

const save = (store: Store, sid: string, data: SessionData) =>
  new Promise<void>((resolve, reject) =>
    store.set(sid, data, (error?: unknown) => (error ? reject(error) : resolve())),
  );
