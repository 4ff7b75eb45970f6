/** Options: each of the wrong kind is refused in words; what belongs elsewhere, or is called otherwise here, is said. */
import session, { MemoryStore } from "express-session";
import type { RedisClientType } from "redis";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { redisSession, RedisSessionStore, type RedisSessionOptions } from "holdfast";
import { secret } from "../promises/candidates.js";
import { useRedis } from "../support/servers/use-redis.js";

const redis = useRedis();
let client: RedisClientType;
let warnings: (Error & { code?: string })[];
const listen = (warning: Error) => warnings.push(warning);
beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => {
  warnings = [];
  process.on("warning", listen);
});
afterEach(() => void process.off("warning", listen));

const create = (options: object) => redisSession({ client, secret, ...options } as RedisSessionOptions);
const said = async (code: string) => {
  await new Promise((resolve) => setImmediate(resolve)); // warnings are emitted in the next tick
  return warnings.filter((warning) => warning.code === code).map(({ message }) => message);
};

/** For each option, what it cannot be. */
const wrong: Record<string, unknown[]> = {
  prefix: [5, {}, true],
  ttl: [-1, NaN, Infinity, "1h", {}],
  touchInterval: [-1, NaN, "5"],
  serializer: ["json", {}, { parse() {} }, 5],
  scanCount: [-1, 1.5, "100", NaN],
  disableTTL: ["false", "yes", {}, 2],
  disableTouch: ["false", [], 2],
  layout: ["xml", 5, true],
  maxBytes: [0, -1, 1.5, "1mb"],
  commandTimeout: [0, -1, NaN, "5s", Infinity],
  nearCache: [true, "yes", 5, []],
  durability: [true, 1, {}, { replicas: 0 }, { replicas: 1, timeout: -1 }, { replicas: 1, replica: 2 }],
  merge: [true, "sum", [], 5],
  name: [5, "a b", "a;b", {}],
  key: [5, "a=b"],
  genid: ["x", {}, 5],
  proxy: ["true", "loopback", {}],
  resave: ["false", {}],
  rolling: ["false", []],
  saveUninitialized: ["no", 2],
  unset: ["forget", true],
  whenDown: ["503", true],
  connectTimeout: [0, "5s", NaN],
  cookie: ["text", 5, true],
};

test.each(Object.entries(wrong))("%s of the wrong kind is refused, with its name", (name, values) => {
  for (const value of values) {
    expect(() => create({ [name]: value })).toThrow(
      expect.objectContaining({
        code: "HOLDFAST_OPTION_INVALID",
        message: expect.stringContaining(`\`${name}`) as string,
      }),
    );
  }
  create({ [name]: null });
  create({ [name]: undefined });
});

describe("said, with the remedy", () => {
  test.each<[object, RegExp]>([
    [{ maxAge: 1000 }, /`maxAge`.*belongs in `cookie`: \{ cookie: \{ maxAge/],
    [{ httpOnly: true }, /belongs in `cookie`/],
    [{ cookie: { maxage: 5 } }, /`cookie\.maxage`.*Did you mean `cookie\.maxAge`\?/],
    [{ cookie: { ttl: 5 } }, /`cookie\.ttl`.*belongs next to `cookie`/],
    [{ host: "redis" }, /`host`.*`url`/],
    [{ port: 6379 }, /`port`.*`url`/],
    [{ logErrors: true }, /`logErrors`.*next\(error\)/],
  ])("%o", async (options, words) => {
    create(options);
    expect(await said("HOLDFAST_OPTION_UNKNOWN")).toEqual([expect.stringMatching(words)]);
  });

  test("options of our store beside `store`, and of our connection beside `client`", async () => {
    // @ts-expect-error: none of them has an effect
    redisSession({ store: new MemoryStore(), secret, ttl: 5, prefix: "x:", layout: "hash" });
    create({ connectTimeout: 500 });
    expect(await said("HOLDFAST_OPTION_WITHOUT_EFFECT")).toEqual([
      expect.stringMatching(/`prefix`, `ttl`, `layout`.*`store`/),
      expect.stringMatching(/`connectTimeout`.*`client`/),
    ]);
  });
});

describe("RedisSessionStore as connect-redis was used", () => {
  const Store = RedisSessionStore as unknown as { new (options?: unknown): unknown; (options?: unknown): unknown };

  test.each<[string, () => unknown]>([
    ["the function of versions 3 to 6", () => Store(session)],
    ["without options", () => new Store()],
    ["with express-session", () => new Store(session)],
    ["with an address", () => new Store({ host: "localhost", port: 6379 })],
    ["with a URL", () => new Store({ url: "redis://localhost" })],
  ])("%s: says what to write instead", (_name, make) => {
    expect(make).toThrow(
      expect.objectContaining({
        code: "HOLDFAST_CLIENT_INVALID",
        message: expect.stringContaining("new RedisSessionStore({ client:") as string,
      }),
    );
  });

  test("it is a class all the same: it can be extended, and asked for", () => {
    class Mine extends RedisSessionStore {}
    const mine = new Mine({ client });
    expect(mine).toBeInstanceOf(RedisSessionStore);
    expect(mine).toBeInstanceOf(session.Store);
    expect(RedisSessionStore.name).toBe("RedisSessionStore");
  });
});

test("Store, MemoryStore, Cookie and Session are on redisSession, as on express-session", () => {
  for (const name of ["Store", "MemoryStore", "Cookie", "Session"] as const) {
    expect(redisSession[name]).toBe(session[name]);
  }
});
