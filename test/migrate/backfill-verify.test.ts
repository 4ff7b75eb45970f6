/** Copying what was there, comparing both stores, and the way back, on a real Redis. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RedisSessionStore } from "holdfast";
import { backfill, bucketOf, rollback, verify, type VerifyOptions } from "holdfast/migrate";
import { useRedis } from "../support/servers/use-redis.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import { Visitor } from "../support/web-site.js";
import { MemorySource } from "./sources/memory-source.js";
import { loggedIn, look, twoStores, type Process, type TwoStores } from "./two-stores.js";
import { repositoryOf } from "../../lib/express-session/index.js";

expectNothingUnhandled();
const server = useRedis();
let on: TwoStores;
let source: MemorySource;
beforeEach(async () => {
  on = await twoStores(server);
  source = new MemorySource(on.legacy);
});
afterEach(() => on.close());

const hour = 3_600_000;
/** As a store wrote it two hours ago: the JSON says that it is over. */
const stale = (values: object = {}) => ({
  cookie: { originalMaxAge: hour, expires: new Date(Date.now() - hour).toISOString(), httpOnly: true, path: "/" },
  ...values,
});
const stores = () => ({ source, redis: on.redis, control: on.control, trustSource: true });
const copy = (options: Partial<Parameters<typeof backfill>[0]> = {}) => backfill({ ...stores(), ...options });
const compare = (options: Partial<VerifyOptions> = {}) => verify({ ...stores(), ...options });
const fill = (count: number) => {
  for (let i = 0; i < count; i++) source.add(`row-${String(i).padStart(5, "0")}`, stale({ n: i }));
};
const begin = () => on.move.start({ withoutApp: true });
const turnAnyway = (dial: number) => on.move.turn(dial, { acceptLoss: true });

describe("backfill", () => {
  test("the time to live comes from the expiry column, not from the JSON", async () => {
    await begin();
    source.add("long", stale(), Date.now() + 1_000_000);
    source.add("short", { ...stale(), cookie: { originalMaxAge: null, expires: null } }, Date.now() + 60_000);
    source.add("over", { cookie: { originalMaxAge: hour, expires: new Date(Date.now() + hour) } }, Date.now() - 1);
    expect(await copy()).toMatchObject({ total: 3, read: 3, copied: 2, expired: 1, there: 0, isComplete: true });
    expect(Math.abs((await repositoryOf(on.redis).transfer.secondsLeft("long")) - 1000)).toBeLessThan(3);
    expect(Math.abs((await repositoryOf(on.redis).transfer.secondsLeft("short")) - 60)).toBeLessThan(3);
    expect(await repositoryOf(on.redis).transfer.presenceOf("over")).toBe("none");
  });

  test("never overwrites anything in Redis, tombstones included", async () => {
    await begin();
    fill(3);
    await repositoryOf(on.redis).transfer.put("row-00000", stale({ n: "newer" }) as never, {
      onlyIfAbsent: true,
      seconds: 50,
    });
    await repositoryOf(on.redis).transfer.bury("row-00001", 100);
    expect(await copy()).toMatchObject({ copied: 1, there: 2 });
    expect((await on.inRedis("row-00000"))!["n"]).toBe("newer");
    expect(await repositoryOf(on.redis).transfer.presenceOf("row-00001")).toBe("dead");
    expect((await on.inRedis("row-00002"))!["n"]).toBe(2);
  });

  test("skips rows that are not sessions, and lists them without their ids", async () => {
    await begin();
    fill(2);
    source.add("bad-1", "{ no json");
    source.add("bad-2", "[]");
    source.add("bad-3", "null");
    source.add("bad-4", `{"user":1}`);
    source.add("bad-5", stale(), Number.NaN);
    const result = await copy();
    expect(result).toMatchObject({ copied: 2, unreadableCount: 5, isComplete: true });
    expect(result.unreadable).toHaveLength(5);
    expect(result.unreadable.join()).not.toContain("bad-");
    expect((await on.redis.ids()).sort()).toEqual(["row-00000", "row-00001"]);
  });

  test("continues where it was interrupted, by a signal or a database failure", async () => {
    await begin();
    fill(1800);
    const stop = new AbortController();
    const first = await copy({ signal: stop.signal, onProgress: () => stop.abort() });
    expect(first).toMatchObject({ copied: first.read, isComplete: false });
    expect(first.read).toBeLessThan(1000);
    source.onPage = (after) => {
      if (after !== undefined && after > "row-01200") throw new Error("the database was restarted");
    };
    await expect(copy()).rejects.toThrow("restarted");
    source.onPage = undefined;
    const last = await copy();
    expect(last).toMatchObject({ total: 1800, read: 1800, there: 0, isComplete: true });
    expect(last.copied).toBeLessThan(800); // not from the start
    expect((await on.redis.ids()).length).toBe(1800);
    expect(await copy()).toMatchObject({ read: 1800, copied: 0, there: 1800 }); // after the end, all over again
  });

  test("a run that failed to write a session is continued with that session", async () => {
    await begin();
    fill(1800);
    let isFirst = true;
    const stringify = (data: object) => {
      if (!("n" in data) || data.n !== 700 || !isFirst) return JSON.stringify(data);
      isFirst = false;
      throw new Error("once");
    };
    const redis = new RedisSessionStore({
      client: on.client,
      prefix: on.redis.prefix,
      serializer: { parse: JSON.parse, stringify },
    });
    await expect(copy({ redis })).rejects.toMatchObject({ code: "SESSION_NOT_SERIALIZABLE" });
    const last = await copy({ redis });
    expect(last).toMatchObject({ read: 1800, isComplete: true });
    expect(last.copied + last.there).toBeLessThan(1500); // not from the start
    expect((await on.redis.ids()).length).toBe(1800);
  });

  test("respects its rate limit", async () => {
    await begin();
    fill(150);
    const began = performance.now();
    await copy({ rate: 100 });
    const took = performance.now() - began;
    expect(took).toBeGreaterThan(1200);
    expect(took).toBeLessThan(2500);
    await expect(copy({ rate: 0 })).rejects.toMatchObject({ code: "HOLDFAST_OPTION_INVALID" });
  });

  test("a dry run reports what it would do, and changes nothing", async () => {
    fill(20);
    await repositoryOf(on.redis).transfer.bury("row-00001", 100);
    expect(await copy({ dryRun: true })).toMatchObject({ copied: 19, there: 1, isComplete: true });
    expect(await on.redis.ids()).toEqual(["row-00001"]);
    expect(await on.control.readBackfill()).toBeUndefined();
  });

  test("is refused before and after a move, when copies would not be kept up to date", async () => {
    fill(1);
    await expect(copy()).rejects.toMatchObject({ code: "HOLDFAST_MOVE_REFUSED" });
    await begin();
    await turnAnyway(100);
    await on.move.finish({ acceptLoss: true });
    await expect(copy()).rejects.toMatchObject({ code: "HOLDFAST_MOVE_REFUSED" });
    expect(await on.redis.ids()).toEqual([]);
  });

  test("under traffic, no change is lost and no ended session comes back", async () => {
    fill(2000);
    const { site } = await on.process();
    const visitors = await Promise.all(Array.from({ length: 40 }, (_, i) => loggedIn(site, `v${i}`)));
    await on.move.start();
    const copying = copy({ rate: 1500 });
    let isOver = false;
    void copying.finally(() => (isOver = true));
    const kept = await Promise.all(
      visitors.map(async (visitor, i) => {
        const names: string[] = [];
        for (let n = 0; !isOver || i % 4 === 0; n++) {
          const name = `t${String(n).padStart(4, "0")}`;
          expect((await visitor.get(`/put?name=${name}`)).status).toBe(200);
          names.push(name);
          if (i % 4 === 0 && n === 5) {
            await visitor.get("/logout");
            return undefined;
          }
        }
        return names;
      }),
    );
    await copying;
    for (const [i, visitor] of visitors.entries()) {
      const names = kept[i];
      if (names) expect(Object.keys((await on.inRedis(visitor.id))!["things"]).sort()).toEqual(names);
      else expect(await on.inRedis(visitor.id)).toBeUndefined();
    }
    expect(await compare()).toMatchObject({ differing: 0, onlyLegacy: 0, onlyRedis: 0, same: 2030 });
  });
});

describe("verify", () => {
  test("counts sessions as the same, as differing, or as missing in either store", async () => {
    await begin();
    fill(10);
    await copy();
    source.add("only-here", stale());
    source.add("unreadable", "{");
    await repositoryOf(on.redis).transfer.put("only-there", stale() as never, { onlyIfAbsent: true, seconds: 1000 });
    source.add("row-00003", stale({ n: "else" }));
    const result = await compare();
    expect(result).toMatchObject({ total: 12, same: 9, differing: 1, onlyLegacy: 1, onlyRedis: 1, unreadable: 1 });
    expect(result).toMatchObject({ repaired: 0, isComplete: true });
    expect(result.examples).toHaveLength(3);
    expect((await on.inRedis("row-00003"))!["n"]).toBe(3); // without `repair`, nothing is changed
    expect(await repositoryOf(on.redis).transfer.presenceOf("only-there")).toBe("lives");
  });

  test("ignores expiry times in cookies, and lifetimes that differ by a touch interval", async () => {
    await begin();
    fill(3);
    await copy();
    const moved = (late: number) => ({ ...stale(), cookie: { ...stale().cookie, expires: new Date(late) }, n: 0 });
    source.add("row-00000", moved(Date.now()), Date.now() + hour - 100_000);
    source.add("row-00001", stale({ n: 1 }), Date.now() - 1000); // ended here just now
    await repositoryOf(on.redis).transfer.put("row-00001", stale({ n: 1 }) as never, {
      onlyIfAbsent: false,
      seconds: 30,
    });
    expect(await compare()).toMatchObject({ same: 2, differing: 0, onlyLegacy: 0, onlyRedis: 0 });
  });

  test("a copy that would expire long before its home counts as differing, and is repaired", async () => {
    await begin();
    fill(2);
    await copy();
    await repositoryOf(on.redis).transfer.put("row-00001", stale({ n: 1 }) as never, {
      onlyIfAbsent: false,
      seconds: 600,
    });
    expect(await compare()).toMatchObject({ same: 1, differing: 1 });
    expect(await compare({ repair: true })).toMatchObject({ repaired: 1 });
    expect(await repositoryOf(on.redis).transfer.secondsLeft("row-00001")).toBeGreaterThan(3500);
  });

  test("a repair overwrites the copy with the session's home", async () => {
    await begin();
    fill(60);
    await copy();
    await turnAnyway(50);
    for (let i = 0; i < 60; i++) {
      const sid = `row-${String(i).padStart(5, "0")}`;
      if (i % 3 === 0)
        await repositoryOf(on.redis).transfer.put(sid, stale({ n: "Redis" }) as never, {
          onlyIfAbsent: false,
          seconds: 3600,
        });
      if (i % 3 === 1) await repositoryOf(on.redis).transfer.bury(sid, 1000);
      if (i % 3 === 2) await source.remove([sid]);
    }
    await expect(compare({ repair: true })).rejects.toThrow("This would end 20 of 40 rows");
    expect(await source.count()).toBe(40);
    const result = await compare({ repair: true, endMany: true });
    expect(result).toMatchObject({ differing: 20, onlyLegacy: 20, onlyRedis: 20, repaired: 60 });
    for (let i = 0; i < 60; i++) {
      const sid = `row-${String(i).padStart(5, "0")}`;
      const isRedis = bucketOf(sid) < 50;
      const row = on.legacy.sessionOf(sid);
      const data = await on.inRedis(sid);
      if (i % 3 === 0) expect([row?.["n"], data?.["n"]]).toEqual(isRedis ? ["Redis", "Redis"] : [i, i]);
      // A tombstone is a logout, wherever its home is.
      if (i % 3 === 1) expect([row, data]).toEqual([undefined, undefined]);
      if (i % 3 === 2) expect([row?.["n"], data?.["n"]]).toEqual(isRedis ? [i, i] : [undefined, undefined]);
    }
    expect(await compare()).toMatchObject({ differing: 0, onlyLegacy: 0, onlyRedis: 0 });
  });

  test("finds leftovers of an earlier move before the dial can be turned, so that no ended session comes back", async () => {
    const { site } = await on.process();
    await on.turnTo(0);
    const [stays, leaves] = await Promise.all([loggedIn(site, "stays"), loggedIn(site, "leaves")]);
    await rollback({ ...stores(), move: on.move });
    await leaves.get("/logout"); // Redis is not asked any more, and not told
    await stays.get("/put?name=a");
    expect(await repositoryOf(on.redis).transfer.presenceOf(leaves.id)).toBe("lives");
    await on.move.start();
    await copy();
    await expect(on.move.turn(100)).rejects.toThrow("not been compared");
    expect(await compare({ repair: true })).toMatchObject({ onlyRedis: 1, differing: 1, repaired: 2 });
    await on.turnTo(100);
    expect(await look(stays)).toEqual({ user: "stays", things: ["a"] });
    expect((await look(leaves)).user).toBeNull();
  });

  test("many differences over many pages take no longer than a few: those of all pages are rechecked at once", async () => {
    await begin();
    fill(5000); // ten pages, none of them copied
    let [passes, rechecks, goOn] = [0, 0, () => {}];
    const held = new Promise<void>((resolve) => (goOn = resolve));
    source.onPage = (after) => void (after === "row-04999" && passes++);
    source.onFind = (sids) => {
      if (sids.length === 1) return undefined; // the mark of a process
      rechecks++;
      return held;
    };
    const comparing = compare({ repair: true });
    try {
      // One pass over the table to count, one to repair: its end is reached while each page's first recheck is still held.
      // At least ten: the pass over Redis may ask about keys, too.
      await expect.poll(() => [passes, rechecks >= 10], { timeout: 30_000 }).toEqual([2, true]);
    } finally {
      goOn();
    }
    expect(await comparing).toMatchObject({ onlyLegacy: 5000, repaired: 5000 });
    expect(await compare()).toMatchObject({ same: 5000, onlyLegacy: 0 });
  });
});

test("what is stored under hashes of ids is neither compared nor moved back", async () => {
  await begin();
  await new RedisSessionStore({ client: on.redis.client, prefix: on.redis.prefix, hashIds: true }).set(
    "a",
    stale() as never,
  );
  for (const repair of [false, true])
    await expect(compare({ repair })).rejects.toMatchObject({
      code: "HOLDFAST_MOVE_REFUSED",
      message: expect.stringContaining("`hashIds`"),
    });
});

describe("rollback", () => {
  const pastShop = async (): Promise<Process> => on.process(); // with the move off, it asks the legacy store alone

  test.each([0, 37, 100, "finished"] as const)(
    "from %s: the database has every session, including new ones, and ended sessions stay ended",
    async (from) => {
      const { site } = await on.process();
      const before = await Promise.all(Array.from({ length: 12 }, (_, i) => loggedIn(site, `b${i}`)));
      await on.move.start();
      await copy();
      await compare({ repair: true });
      await on.turnTo(from === "finished" ? 100 : from);
      if (from === "finished") {
        await on.move.noteVerified((await on.control.read()).version);
        await on.move.finish();
      }
      const since = await Promise.all(Array.from({ length: 12 }, (_, i) => loggedIn(site, `s${i}`)));
      const all = [...before, ...since];
      for (const [i, visitor] of all.entries()) await visitor.get(i % 3 === 0 ? "/logout" : "/put?name=late");
      const parts: string[] = [];
      const result = await rollback({ ...stores(), move: on.move, onPart: (part) => parts.push(part) });
      expect(result.isComplete).toBe(true);
      expect(parts).toHaveLength(5);
      expect((await on.control.read()).phase).toBe("off");
      const { site: old } = await pastShop();
      for (const [i, visitor] of all.entries()) {
        const seen = await look(new Visitor(old, visitor.cookie));
        if (i % 3 === 0) expect(seen.user).toBeNull();
        else expect(seen).toEqual({ user: i < 12 ? `b${i}` : `s${i - 12}`, things: ["late"] });
        if (i % 3 === 0) expect(on.legacy.sessionOf(visitor.id)).toBeUndefined();
      }
    },
  );

  test("is refused before a move has begun, and continues after an interruption", async () => {
    await expect(rollback({ ...stores(), move: on.move })).rejects.toThrow("has not begun");
    const { site } = await on.process();
    await on.turnTo(100);
    await on.move.noteVerified((await on.control.read()).version);
    await on.move.finish();
    const visitor = await loggedIn(site, "v");
    const stop = new AbortController();
    const onPart = (part: string) => void (part.startsWith("Updating") && stop.abort());
    await expect(rollback({ ...stores(), move: on.move, signal: AbortSignal.abort() })).rejects.toThrow(
      "before it began",
    );
    expect((await on.control.read()).phase).toBe("finished");
    const parts = { ...stores(), move: on.move, signal: stop.signal, onPart };
    await expect(rollback(parts)).rejects.toThrow("The table has no live session, but Redis has 1.");
    expect((await on.control.read()).phase).toBe("finished");
    await expect(rollback({ ...parts, endMany: true })).rejects.toThrow("interrupted");
    expect((await on.control.read()).phase).toBe("moving");
    await expect(on.move.turn(0)).rejects.toThrow("A rollback was interrupted");
    await expect(copy()).rejects.toThrow("would log them in again");
    await rollback({ ...stores(), move: on.move, endMany: true });
    expect(on.legacy.sessionOf(visitor.id)?.["user"]).toBe("v");
  });
});
