/** Two operators type at the same moment: each is told in a sentence how it went, and the move is whole afterwards. */
import { beforeEach, describe, expect, it } from "vitest";
import { runCommand } from "./command.js";
import { server, site } from "./command-on-site.js";

beforeEach(() => site.fill(50));

const migrate = (step: string) =>
  runCommand(["migrate", ...step.split(" "), "--redis", server.url, "--from", site.from]);
const refusals =
  /^(Another command|The dial is|The move (has already begun|changed)|Another backfill|A rollback was interrupted|The move has not begun|The stores have)/;

async function go(...steps: string[]): Promise<void> {
  for (const step of steps) expect({ step, ...(await migrate(step)) }).toMatchObject({ step, code: 0 });
}

describe("two commands at once", { timeout: 180_000 }, () => {
  it.each<[prepared: string[], one: string, other: string, dials: number[]]>([
    [[], "start", "start", [0]],
    [["start"], "backfill", "backfill", [0]],
    [["start", "backfill", "verify"], "set 10", "set 10", [10]],
    [["start", "backfill", "verify"], "set 10", "set 90", [10, 90]],
    [["start", "backfill", "verify", "set 50"], "set 0", "set 100", [0, 100]],
    [["start"], "verify --repair", "verify --repair", [0]],
    [["start", "backfill", "verify"], "set 50", "verify --repair", [50]],
  ])("after %j: %s and %s", async (prepared, one, other, dials) => {
    await go(...prepared);
    const ended = await Promise.all([migrate(one), migrate(other)]);
    for (const { code, stderr, stdout } of ended) {
      expect({ code, stderr, stdout }).toMatchObject({ code: expect.toBeOneOf([0, 1]) });
      if (code === 1) expect(stderr).toMatch(refusals);
      expect(stderr.trim().split("\n").length).toBe(1);
    }
    expect(ended.map(({ code }) => code)).toContain(0);
    const { dial, other: half } = await site.control.read();
    expect(half).toBeUndefined();
    expect(dials).toContain(dial);
    await go("verify --repair", "set 100", "verify");
    expect(await site.redis.length()).toBe(50);
  });

  it("two simultaneous comparisons: neither is refused because of what the other recorded", async () => {
    await go("start", "backfill");
    const ended = await Promise.all(["verify", "verify", "verify"].map(migrate));
    expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual([1, 2, 3].map(() => [0, ""]));
  });
});
