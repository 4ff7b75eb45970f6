/** One process holds 10,000 sessions in flight, and its memory is flat. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { useRedis } from "../support/servers/use-redis.js";

const redis = useRedis();

interface Report {
  /** Requests that had loaded their session and not ended, at the peak. */
  inFlight: number;
  saved: number;
  /** Bytes of heap after a collection, before each wave and after the last. */
  heap: number[];
}

test(
  "10,000 concurrent requests, five times: all sessions are saved, and the heap returns to its initial size",
  { timeout: 120_000 },
  async () => {
    const script = fileURLToPath(new URL("../support/many-sessions.mjs", import.meta.url));
    const child = fork(script, [redis.url], { execArgv: ["--expose-gc"] });
    const [report] = (await once(child, "message")) as [Report];
    child.kill();
    const megabytes = report.heap.map((bytes) => Math.round(bytes / 1e5) / 10);
    console.info(`10,000 sessions in flight: heap after each wave ${megabytes.join(", ")} MB`);
    expect(report.inFlight).toBe(10_000);
    expect(report.saved).toBe(50_000);
    // The first wave fills what is bounded (verified cookies, due times); from then on nothing may grow.
    const [, first, ...later] = megabytes;
    expect(later.at(-1)!).toBeLessThan(first! + 5);
  },
);
