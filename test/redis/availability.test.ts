/** When Redis counts as down: the rule of docs/production.md, second by second. */
import { describe, expect, test } from "vitest";
import { Availability, defaultRules } from "../../lib/redis/availability.js";

/** Lets time pass in steps of 50 ms, and returns when a sign of life was asked for. */
function pass(availability: Availability, from: number, to: number, oldest: number | undefined): number[] {
  const asked: number[] = [];
  for (let now = from; now <= to; now += 50) if (availability.tick(now, oldest)) asked.push(now);
  return asked;
}

describe("a Redis that falls silent", () => {
  test("is asked for a sign of life after 1 s, and down half a second later", () => {
    const availability = new Availability();
    expect(pass(availability, 0, 950, 0)).toEqual([]);
    expect(availability.state).toBe("up");
    expect(pass(availability, 1000, 1450, 0)).toEqual([1000, 1250]);
    expect(availability.state).toBe("suspect");
    expect(availability.isDown).toBe(false);
    pass(availability, 1500, 1500, 0);
    expect(availability.isDown).toBe(true);
  });

  test("is asked four times a second, with at most four questions open", () => {
    const availability = new Availability();
    expect(pass(availability, 0, 10_000, 0)).toEqual([1000, 1250, 1500, 1750]);
    availability.probeEnded();
    expect(pass(availability, 10_050, 11_000, 0)).toEqual([10_050]);
  });

  test("is up with the first answer, whatever it is an answer to", () => {
    const availability = new Availability();
    pass(availability, 0, 3000, 0);
    expect(availability.isDown).toBe(true);
    availability.answered(3010);
    expect(availability.state).toBe("up");
    expect(pass(availability, 3050, 3950, 3010)).toEqual([]);
  });

  test("is not suspected while nothing waits", () => {
    const availability = new Availability();
    expect(pass(availability, 0, 60_000, undefined)).toEqual([]);
    expect(availability.state).toBe("up");
  });

  test("an hour without commands does not count as silence of the next one", () => {
    const availability = new Availability();
    availability.answered(0);
    expect(pass(availability, 3_600_000, 3_600_950, 3_600_000)).toEqual([]);
  });
});

describe("a Redis that is slow", () => {
  test("is up as long as something is answered once a second, though one command waits", () => {
    const availability = new Availability();
    for (let now = 0; now < 20_000; now += 900) {
      availability.answered(now);
      expect(pass(availability, now, now + 850, 0)).toEqual([]);
    }
    expect(availability.state).toBe("up");
  });

  test("is suspected, and not down, when an answer takes 1.4 s", () => {
    const availability = new Availability();
    for (let now = 0; now < 20_000; now += 1400) {
      availability.answered(now);
      pass(availability, now + 50, now + 1350, now);
      availability.probeEnded();
      availability.probeEnded();
      expect(availability.isDown).toBe(false);
    }
  });
});

describe("deadlines that are missed", () => {
  test("three at different moments, with no answer between: down", () => {
    const availability = new Availability();
    for (const now of [200, 400]) availability.timedOut(now);
    expect(availability.isDown).toBe(false);
    availability.timedOut(600);
    expect(availability.isDown).toBe(true);
  });

  test("200 at the same moment count once", () => {
    const availability = new Availability();
    for (let n = 0; n < 200; n++) availability.timedOut(200);
    expect(availability.isDown).toBe(false);
  });

  test("with an answer between they do not add up", () => {
    const availability = new Availability();
    for (let now = 200; now < 5000; now += 200) {
      availability.timedOut(now);
      if (now % 400 === 0) availability.answered(now + 1);
    }
    expect(availability.isDown).toBe(false);
  });
});

test("the figures in docs/production.md are these", () => {
  expect(defaultRules).toEqual({ silence: 1000, grace: 500, timeouts: 3, probeEvery: 250, probes: 4 });
});
