/** The load generator of `npm run loadtest` keeps its rate, and counts the time that requests wait. */
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";

interface Result {
  sent: number;
  answered: number;
  failed: number;
  reached: number;
  success: number;
  p50: number;
  longest: number;
  timeline: { second: number; answered: number; failed: number }[];
}
type OpenLoop = (load: { rate: number; seconds: number; send: () => Promise<boolean> }) => Promise<Result>;
const path = new URL("../../bench/loadtest/open-loop.mjs", import.meta.url).href;
const { openLoop } = (await import(path)) as { openLoop: OpenLoop };

// Each takes a second or two, in which it waits.
describe.concurrent("an open loop", () => {
  test("the rate is kept while nothing is answered, and the wait of each request counts", async () => {
    const stall = wait(700);
    const result = await openLoop({ rate: 200, seconds: 1, send: () => stall.then(() => true) });
    expect(result).toMatchObject({ sent: 200, answered: 200, failed: 0, success: 1 });
    // Requests arrived evenly during the stall of 700 ms; a generator that waits for answers would have sent only the first.
    expect(result.longest).toBeGreaterThan(600);
    expect(result.p50).toBeGreaterThan(100);
    expect(result.p50).toBeLessThan(500);
  });

  test("what is answered after the time is not part of the rate that was reached", async () => {
    const result = await openLoop({ rate: 100, seconds: 1, send: () => wait(1500).then(() => true) });
    expect(result).toMatchObject({ sent: 100, answered: 100, reached: 0 });
  });

  test("a wrong answer and a connection that breaks are failures", async () => {
    let turn = 0;
    const send = async () => {
      turn++;
      if (turn % 4 === 0) throw new Error("broken");
      return turn % 4 !== 1;
    };
    const result = await openLoop({ rate: 400, seconds: 1, send });
    expect(result).toMatchObject({ sent: 400, answered: 200, failed: 200, success: 0.5 });
    expect(result.timeline).toHaveLength(1);
  });
});
