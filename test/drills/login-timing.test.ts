/** Drill: how long a login that fails takes says nothing about who has an account. */
import type { RedisClientType } from "redis";
import { beforeAll, describe, expect, it } from "vitest";
import { authSite } from "../support/auth-site.js";
import { redisServerPath } from "../support/programs.js";
import { useRedis } from "../support/servers/use-redis.js";

const ada = { username: "Ada", password: "correct horse", email: "ada@example.org" };

describe.skipIf(!redisServerPath)("a failed login", () => {
  const redis = useRedis();
  let client: RedisClientType;
  beforeAll(async () => {
    client = await redis.client();
  });

  it("takes the same time for an unknown name, an unknown address and a wrong password: medians of 200 attempts", async () => {
    const made = authSite({ redis: client });
    await made.auth.register(ada);
    const visitor = made.visitor();
    const names = ["Ada", "Eve", "ada@example.org", "eve@example.org"];
    const times = names.map((): number[] => []);
    for (let round = 0; round < 201; round++) {
      for (const [index, username] of names.entries()) {
        const before = performance.now();
        await visitor.post("/api/login").send({ username, password: "wrong horse" });
        if (round > 0) times[index]!.push(performance.now() - before);
      }
    }
    const medians = times.map((list) => list.toSorted((one, other) => one - other)[100]!);
    console.info(
      `drill: median ms of a login that fails, by ${names.join(", ")}: ${medians.map((ms) => ms.toFixed(1)).join(", ")}`,
    );
    // A check that is left out would make it a fifth.
    expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(1.15);
  }, 120_000);
});
