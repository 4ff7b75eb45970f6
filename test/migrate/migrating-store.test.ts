/** The store made of two, on a real Redis: nobody is logged out or back in, and no change is lost, wherever the dial stands. */
import { describe, expect, test } from "vitest";
import { bucketOf } from "holdfast/migrate";
import { Visitor } from "../support/web-site.js";
import { bringTo, isTurning, on, phases, thingsIn } from "./moving.js";
import { gate, loggedIn, look } from "./two-stores.js";
import { repositoryOf } from "../../lib/express-session/index.js";

describe.each(["redisSession", "express-session"] as const)("with %s", (middleware) => {
  describe.each(["json", "hash"] as const)("with layout %s", (layout) => {
    test.each(phases)("%s: logins, changes and logouts work, in every store that is written", async (phase) => {
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
          if (phase.startsWith("moving") || isTurning(phase))
            expect(await repositoryOf(on.redis).transfer.presenceOf(sid)).toBe("dead");
        }),
      );
    });

    test("a slow request does not bring back an ended session, with either home and while the home changes", async () => {
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
      ["while Redis is or becomes the home", "turning"],
      ["before Redis becomes the home", "to be turned"],
    ] as const)("overlapping requests lose nothing %s, and both stores have every change", async (_, phase) => {
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

test("with Redis as home, a page view does not query the legacy store", async () => {
  const { site } = await on.process();
  await on.turnTo(100);
  const visitor = await loggedIn(site, "v");
  await visitor.get("/put?name=a");
  const before = { ...on.legacy.asked };
  for (let i = 0; i < 20; i++) await look(visitor);
  expect(on.legacy.asked).toEqual(before);
});

test("sessions are distributed evenly and deterministically", () => {
  const sids = Array.from({ length: 5000 }, (_, i) => `sid-${i}`);
  const below = sids.filter((sid) => bucketOf(sid) < 37).length;
  expect(below / sids.length).toBeGreaterThan(0.34);
  expect(below / sids.length).toBeLessThan(0.4);
  expect(bucketOf("sid-1")).toBe(bucketOf("sid-1"));
});
