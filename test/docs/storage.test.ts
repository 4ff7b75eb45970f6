/** The commands of docs/storage.md, run as they stand there, make sessions that the store reads. */
import { readFileSync } from "node:fs";
import type { RedisClientType } from "redis";
import { beforeAll, describe, expect, test } from "vitest";
import { RedisSessionStore } from "holdfast";
import { useRedis } from "../support/servers/use-redis.js";

const page = readFileSync(new URL("../../docs/storage.md", import.meta.url), "utf8");
const commands = [...page.matchAll(/```redis\n([^`]+)```/g)].flatMap(([, block]) => block!.trim().split("\n"));
/** As redis-cli splits a line: words, or text in single quotes. */
const words = (line: string) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);

const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
  for (const line of commands) await client.sendCommand(words(line));
});

describe.each(["json", "hash"] as const)("a store with layout %s", (layout) => {
  test.each(["json-example", "hash-example"])("reads %s, and writes it as the page shows", async (id) => {
    const store = new RedisSessionStore({ client, layout });
    const session = structuredClone(await store.get(id)); // without the mark by which copies are recognized
    expect(session).toEqual({
      cookie: { originalMaxAge: null, expires: null, httpOnly: true, path: "/" },
      user: "anna",
      cart: { rope: { quantity: 2 } },
      pageViews: 7,
    });
    expect(await client.ttl(`sess:${id}`)).toBeGreaterThan(86_000);
    await store.destroy("fresh");
    await store.set("fresh", structuredClone(session!));
    const shown = `sess:${layout}-example`;
    if (id !== `${layout}-example`) return;
    if (layout === "json") expect(await client.get("sess:fresh")).toBe(await client.get(shown));
    else expect(await client.hGetAll("sess:fresh")).toEqual(await client.hGetAll(shown));
  });
});

test("what it says about 256 MB is what was measured", () => {
  const file = new URL("../../bench/results/loadtest.json", import.meta.url);
  const { memory } = JSON.parse(readFileSync(file, "utf8")) as { memory: { rows: Measured[]; budget: number } };
  const fit = (name: string) => memory.rows.find(({ variant }) => variant === name)!.fit;
  expect(page.replaceAll(/\s+/g, " ")).toContain(
    "all of 100,000 sessions fit with `json` if they are compressed; otherwise, Redis is full before",
  );
  expect(memory.budget).toBe(256 * 1024 ** 2);
  expect(fit("json, compressed")).toBeGreaterThan(100_000);
  for (const other of ["json", "hash", "hash, compressed"]) expect(fit(other)).toBeLessThan(100_000);
});

interface Measured {
  readonly variant: string;
  readonly fit: number;
}
