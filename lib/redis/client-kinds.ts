/** Recognizes what was passed as a client: a usable one of the `redis` package, or something else. Pure. */
import { isObject } from "../options/index.js";

/** What it is and what to do about it; the first match counts. By shape, because names are lost in bundles. */
const others: readonly [fits: (has: (name: string) => boolean, given: object) => boolean, words: string][] = [
  [(has) => has("execAsPipeline"), "This one is a transaction (`multi()`): pass the client itself."],
  [(has) => has("then"), "This one is a promise: await it first."],
  [
    (_has, given) => typeof given === "function",
    "This one is a function, perhaps `createClient` itself: call it, and connect what it returns.",
  ],
  [
    (_has, given) => "v4" in given && "isOpen" in given && isLegacyMode(given),
    "This one is a client of `redis` 4 with `legacyMode`: update the package (npm i redis@latest) and remove " +
      "`legacyMode`.",
  ],
  [
    (has) => has("evalSha") && has("disconnect") && !has("withTypeMapping"),
    "This one is a client of `redis` 4, which ignores the lifetime of sessions: update the package (npm i " +
      "redis@latest).",
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
    (has) => has("evalsha") && has("pipeline"),
    "This one looks like ioredis or iovalkey: replace it with `createClient` of `redis`.",
  ],
  [
    (has) => has("customCommand") && has("hgetall"),
    "This one looks like valkey-glide (@valkey/valkey-glide): replace it with `createClient` of `redis`, which works " +
      "with Valkey too.",
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
  [(has) => has("get") && has("touch"), "This one looks like a session store: pass it as `store`, or its client here."],
];

function isLegacyMode(given: object & { options?: { legacyMode?: unknown } }): boolean {
  return given.options?.legacyMode === true;
}

/** Whether `given` is a client, pool, cluster or sentinel of `redis` 5 or later, recognized by `withTypeMapping`. */
export function isServingClient(given: unknown): given is object {
  if (!isObject(given)) return false;
  const needed = ["get", "set", "expire", "unlink", "evalSha", "eval", "hGetAll", "withTypeMapping"];
  return typeof given["isOpen"] === "boolean" && needed.every((name) => typeof given[name] === "function");
}

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
