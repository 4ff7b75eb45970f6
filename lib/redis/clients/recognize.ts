/** Says what was passed as a client, if it is none that can be used. Pure. */
import { isIoredisMock } from "./ioredis-client.js";
import { isInLegacyMode } from "./node-redis-4.js";

/** What it is and what to do about it; the first match counts. By shape, because names are lost in bundles. */
const others: readonly [fits: (has: (name: string) => boolean, given: object) => boolean, words: string][] = [
  [(has) => has("execAsPipeline"), "This one is a transaction (`multi()`): pass the client itself."],
  [(has) => has("then"), "This one is a promise: await it first."],
  [
    (_has, given) => typeof given === "function",
    "This one is a function, perhaps `createClient` itself: call it, and connect what it returns.",
  ],
  [
    (_has, given) => "isOpen" in given && isInLegacyMode(given),
    "This one is a client of `redis` 4 with `legacyMode`: update the package (npm i redis@latest) and remove " +
      "`legacyMode`.",
  ],
  [
    (has) => has("withTypeMapping") && has("release"),
    "This one is lent by a sentinel (`acquire`): pass the sentinel itself.",
  ],
  [
    (has) => has("evalSha") && has("disconnect") && !has("withTypeMapping"),
    "This one looks like an early client of `redis` 4: update the package (npm i redis@latest).",
  ],
  [
    (has) => has("evalSha") && !has("withTypeMapping"),
    "This one is the callback form of a client, `client.legacy()`: pass the client itself.",
  ],
  [
    (has) => has("pipeline") && has("createScript"),
    "This one looks like @upstash/redis, which speaks HTTP: use `createClient` of `redis` with the rediss:// address.",
  ],
  [
    (has, given) => has("hgetall") && isIoredisMock(given),
    "This one looks like ioredis-mock, which is no Redis: in tests, use `testRedis()` of holdfast/testing, or a real Redis.",
  ],
  [
    (has, given) => has("evalsha") && "isPipeline" in given,
    "This one is a pipeline or a transaction of ioredis or iovalkey: pass the client itself.",
  ],
  [
    (has) => has("evalsha") && has("pipeline"),
    "This one looks like an old or incomplete client of ioredis or iovalkey: update the package.",
  ],
  [
    (has) => has("customCommand") && has("hgetall"),
    "This one is a batch or a transaction of valkey-glide (@valkey/valkey-glide): pass the client itself.",
  ],
  [(has) => has("evalsha") && has("send_command"), "This one looks like `redis` 3: update the package."],
  [
    (has) => has("send_command") && has("hgetall"),
    "This one looks like redis-mock, which runs no scripts: in tests, use `testRedis()` of holdfast/testing, or a real Redis.",
  ],
  [
    (has) => has("acquire") && has("release"),
    "This one is a pool of another library: use `createClientPool` of `redis`, or one client, which is enough.",
  ],
  [
    (has, given) => has("ready") && "client" in given,
    "This one is a connection of `connectToRedis()`: pass its `client`.",
  ],
  [
    (has, given) => has("send") && "connected" in given,
    "This one looks like the client of Bun: use `redis` or ioredis.",
  ],
  [(has) => has("get") && has("touch"), "This one looks like a session store: pass it as `store`, or its client here."],
];

/** One sentence about what it is instead, and what to do. */
export function whatItIs(given: unknown): string {
  if (given === undefined || given === null) return "It is missing.";
  if (typeof given === "string" || given instanceof URL) {
    return "This one is an address: pass it as the option `url`, or to `createClient({ url })`.";
  }
  if (typeof given !== "object" && typeof given !== "function") return `This one is a ${typeof given}.`;
  const has = (name: string) => typeof Reflect.get(given, name) === "function";
  return others.find(([fits]) => fits(has, given))?.[1] ?? "This one is something else.";
}
