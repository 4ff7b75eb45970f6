/** Fake timers, as Jest's and Vitest's put them in place of everything: requests go on, as with express-session. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MemoryStore } from "express-session";
import type { RedisClientType } from "redis";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { redisSession, type RedisSessionMiddleware } from "holdfast";
import { secret } from "../promises/candidates.js";
import { useRedis } from "../support/servers/use-redis.js";
import { startSite, type Site } from "../support/web-site.js";
import { exchange, parseAnswer } from "../answers/raw-exchange.js";

/**
 * What Jest fakes unless it is told otherwise, with two exceptions: `nextTick`, which Jest has in a sandbox and without
 * which Node.js itself would stop here; and, for Redis, `setImmediate`, on which its client waits before it writes (so
 * that connect-redis stands still as well).
 */
// prettier-ignore
const toFake = [
  "setTimeout", "clearTimeout", "setInterval", "clearInterval",
  "Date", "performance", "queueMicrotask", "hrtime",
] as const;
const immediate = ["setImmediate", "clearImmediate"] as const;

const redis = useRedis();
let client: RedisClientType;
let site: Site;
beforeAll(async () => {
  client = await redis.client();
});
afterEach(async () => {
  vi.useRealTimers();
  await site.close();
});

/** Bytes on the wire, because `fetch` itself stands still under fake timers. Waits by the real clock. */
class Visitor {
  #cookie = "";

  async get(path: string): Promise<string> {
    const request = { path, headers: { Cookie: this.#cookie, Connection: "close" } };
    const late = new Promise<string>((resolve) => realTimeout(resolve, 1500, ""));
    const bytes = await Promise.race([exchange(Number(new URL(site.url).port), request), late]);
    if (bytes === "") return "hangs";
    const { status, body, headers } = parseAnswer(bytes);
    this.#cookie = headers["set-cookie"]?.split(";")[0] ?? this.#cookie;
    return `${status} ${body}`;
  }
}
const realTimeout = globalThis.setTimeout;

const makers: Record<string, () => RedisSessionMiddleware> = {
  "layout json": () => redisSession({ client, secret }),
  "layout hash": () => redisSession({ client, secret, layout: "hash" }),
  "a near cache": () => redisSession({ client, secret, nearCache: {} }),
  MemoryStore: () => redisSession({ store: new MemoryStore(), secret }),
};

describe.each(Object.entries(makers))("with %s", (name, make) => {
  test("pages that read, write, save, reload, regenerate and destroy are answered while all timers are fake", async () => {
    const sessions = make();
    site = await startSite(sessions, async (req, res, url) => {
      const perform = (method: "save" | "reload" | "regenerate" | "destroy") =>
        new Promise<void>((resolve, reject) =>
          req.session[method]((error: unknown) => (error ? reject(error as Error) : resolve())),
        );
      if (url.pathname !== "/read") req.session["n"] = (req.session["n"] ?? 0) + 1;
      const method = /^\/(save|reload|regenerate|destroy)$/.exec(url.pathname)?.[1];
      if (method) await perform(method as "save");
      res.end(String(req.session?.["n"] ?? "none"));
    });
    const visitor = new Visitor();
    vi.useFakeTimers({ toFake: name === "MemoryStore" ? [...toFake, ...immediate] : [...toFake] });
    const seen: string[] = [];
    for (const path of ["/write", "/read", "/write", "/save", "/reload", "/regenerate", "/write", "/destroy"]) {
      seen.push(await visitor.get(path));
    }
    expect(seen).toEqual(["200 1", "200 1", "200 2", "200 3", "200 3", "200 none", "200 1", "200 none"]);
    await sessions.close();
  });
});

test("an hour that passes on fake clocks makes no command late", async () => {
  site = await startSite(redisSession({ client, secret, commandTimeout: 1000 }), (req, res) => {
    res.end(String((req.session["n"] = (req.session["n"] ?? 0) + 1)));
  });
  const visitor = new Visitor();
  vi.useFakeTimers({ toFake: [...toFake] });
  for (let i = 1; i <= 5; i++) {
    const asked = visitor.get("/");
    vi.advanceTimersByTime(3_600_000);
    expect(await asked).toBe(`200 ${i}`);
  }
});

test("nothing in the package looks up when it is called what under Jest would be a fake", () => {
  const lib = fileURLToPath(new URL("../../lib", import.meta.url));
  const files = readdirSync(lib, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const looksUp = /process\.nextTick|setImmediate\(|(?<!realTime\.)\bqueueMicrotask\(/;
  const users = files.filter((name) => {
    const text = readFileSync(join(lib, name), "utf8");
    return looksUp.test(text) && !text.includes("const { queueMicrotask } = globalThis;"); // as it was at the start
  });
  expect(files.length).toBeGreaterThan(50);
  expect(users).toEqual([]);
});
