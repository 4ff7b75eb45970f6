/** When Redis counts as down: the rule of docs/production.md, second by second. */
import { describe, expect, test } from "vitest";
import { Breaker, defaultRules } from "../../lib/redis/guard/breaker.js";

/** Lets time pass in steps of 50 ms, and returns when a sign of life was asked for. */
function pass(breaker: Breaker, from: number, to: number, oldest: number | undefined): number[] {
  const asked: number[] = [];
  for (let now = from; now <= to; now += 50) if (breaker.tick(now, oldest)) asked.push(now);
  return asked;
}

describe("a Redis that falls silent", () => {
  test("is asked for a sign of life after 1 s, and down half a second later", () => {
    const breaker = new Breaker();
    expect(pass(breaker, 0, 950, 0)).toEqual([]);
    expect(breaker.state).toBe("up");
    expect(pass(breaker, 1000, 1450, 0)).toEqual([1000, 1250]);
    expect(breaker.state).toBe("suspect");
    expect(breaker.isDown).toBe(false);
    pass(breaker, 1500, 1500, 0);
    expect(breaker.isDown).toBe(true);
  });

  test("is asked four times a second, with at most four questions open", () => {
    const breaker = new Breaker();
    expect(pass(breaker, 0, 10_000, 0)).toEqual([1000, 1250, 1500, 1750]);
    breaker.probeEnded();
    expect(pass(breaker, 10_050, 11_000, 0)).toEqual([10_050]);
  });

  test("is up with the first answer, whatever it is an answer to", () => {
    const breaker = new Breaker();
    pass(breaker, 0, 3000, 0);
    expect(breaker.isDown).toBe(true);
    breaker.answered(3010);
    expect(breaker.state).toBe("up");
    expect(pass(breaker, 3050, 3950, 3010)).toEqual([]);
  });

  test("is not suspected while nothing waits", () => {
    const breaker = new Breaker();
    expect(pass(breaker, 0, 60_000, undefined)).toEqual([]);
    expect(breaker.state).toBe("up");
  });

  test("an hour without commands does not count as silence of the next one", () => {
    const breaker = new Breaker();
    breaker.answered(0);
    expect(pass(breaker, 3_600_000, 3_600_950, 3_600_000)).toEqual([]);
  });
});

describe("a Redis that is slow", () => {
  test("is up as long as something is answered once a second, though one command waits", () => {
    const breaker = new Breaker();
    for (let now = 0; now < 20_000; now += 900) {
      breaker.answered(now);
      expect(pass(breaker, now, now + 850, 0)).toEqual([]);
    }
    expect(breaker.state).toBe("up");
  });

  test("is suspected, and not down, when an answer takes 1.4 s", () => {
    const breaker = new Breaker();
    for (let now = 0; now < 20_000; now += 1400) {
      breaker.answered(now);
      pass(breaker, now + 50, now + 1350, now);
      breaker.probeEnded();
      breaker.probeEnded();
      expect(breaker.isDown).toBe(false);
    }
  });
});

describe("deadlines that are missed", () => {
  test("three at different moments, with no answer between: down", () => {
    const breaker = new Breaker();
    for (const now of [200, 400]) breaker.timedOut(now);
    expect(breaker.isDown).toBe(false);
    breaker.timedOut(600);
    expect(breaker.isDown).toBe(true);
  });

  test("200 at the same moment count once", () => {
    const breaker = new Breaker();
    for (let n = 0; n < 200; n++) breaker.timedOut(200);
    expect(breaker.isDown).toBe(false);
  });

  test("with an answer between they do not add up", () => {
    const breaker = new Breaker();
    for (let now = 200; now < 5000; now += 200) {
      breaker.timedOut(now);
      if (now % 400 === 0) breaker.answered(now + 1);
    }
    expect(breaker.isDown).toBe(false);
  });
});

test("the figures in docs/production.md are these", () => {
  expect(defaultRules).toEqual({ silence: 1000, grace: 500, timeouts: 3, probeEvery: 250, probes: 4 });
});
