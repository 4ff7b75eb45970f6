/** The dial's words: a session has one home in every process, and moves there once as the dial is turned. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketOf, homeOf, notBegun, placementOf } from "../../lib/migrate/state/dial.js";

const position = fc.integer({ min: 0, max: 100 });

test("the bucket of a session never changes", () => {
  // Processes of the next version must find a session where those of this one have put it.
  expect(["a", "b", "ä", ""].map(bucketOf)).toEqual([10, 66, 99, 10]);
});

test("buckets are 0 to 99, and of similar size", () => {
  const counts = Array<number>(100).fill(0);
  for (let n = 0; n < 20_000; n++) counts[bucketOf(`session ${n}`)]!++;
  expect(Math.min(...counts)).toBeGreaterThan(100);
  expect(Math.max(...counts)).toBeLessThan(300);
});

test("before and after a move there is one home, whatever the dial says", () => {
  fc.assert(
    fc.property(fc.string(), position, (sid, dial) => {
      expect(homeOf(sid, { phase: "off", dial })).toBe("legacy");
      expect(homeOf(sid, { phase: "finished", dial })).toBe("redis");
    }),
  );
});

test("property: while the dial is turned, exactly the sessions whose home differs before and after are in transition", () => {
  fc.assert(
    fc.property(fc.string(), position, position, (sid, from, to) => {
      const home = (dial: number) => homeOf(sid, { phase: "moving", dial });
      for (const [dial, other] of [
        [from, to],
        [to, from],
      ] as const)
        expect(placementOf(sid, { ...notBegun, phase: "moving", dial, other }).isTurning).toBe(home(from) !== home(to));
      expect(placementOf(sid, { ...notBegun, phase: "moving", dial: from }).isTurning).toBe(false);
      const { home: at, primary, mirror } = placementOf(sid, { ...notBegun, phase: "moving", dial: from });
      expect([at, primary, mirror]).toEqual([home(from), home(from), home(from) === "redis" ? "legacy" : "redis"]);
      const turning = placementOf(sid, { ...notBegun, phase: "moving", dial: from, other: to });
      expect([turning.home, turning.primary]).toEqual([home(from), turning.isTurning ? "redis" : home(from)]);
      expect(turning.mirror).toBe(turning.primary === "redis" ? "legacy" : "redis");
      const copying = placementOf(sid, { ...notBegun, phase: "moving", dial: from, other: to, isCopying: true });
      expect([copying.home, copying.primary, copying.isTurning]).toEqual([home(from), home(from), false]);
      expect([turning.mustCopy, copying.mustCopy]).toEqual([turning.isTurning, turning.isTurning]);
      expect([home(0), home(100)]).toEqual(["legacy", "redis"]);
    }),
    { numRuns: 1000 },
  );
});
