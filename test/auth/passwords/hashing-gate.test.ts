/** Passwords leave a thread to everybody else, and nobody waits for them without an end. */
import { readFile } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { RedisClientType } from "redis";
import { beforeAll, expect, it } from "vitest";
import { HashingGate, threadsOfPool } from "../../../lib/auth/passwords/hashing-gate.js";
import { hashPassword } from "../../../lib/auth/passwords/passwords.js";
import { authSite } from "../../support/auth-site.js";
import { useRedis } from "../../support/servers/use-redis.js";

const busy = { code: "HOLDFAST_LOGINS_BUSY", status: 503, headers: { "Retry-After": "1" } };
const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});

/** Work that ends when it is told to. */
function work() {
  const ends: (() => void)[] = [];
  const start = () => new Promise<void>((resolve) => void ends.push(resolve));
  return { ends, start };
}

it.each([
  [1, 1],
  [2, 1],
  [4, 3],
  [8, 7],
])("of %i threads at most %i hash at once, in the order in which they came", async (threads, atOnce) => {
  const gate = new HashingGate(threads);
  const { ends, start } = work();
  const done: number[] = [];
  const all = Array.from({ length: 20 }, (_, n) => gate.run(start).then(() => done.push(n)));
  for (let n = 0; n < 20; n++) {
    await nextTurn();
    expect(ends.length).toBe(Math.min(20, n + atOnce));
    ends[n]!();
  }
  await Promise.all(all);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  const next = gate.run(start);
  ends.at(-1)!();
  await next;
});

it("what fails makes room like what succeeds", async () => {
  const gate = new HashingGate(2);
  for (let n = 0; n < 5; n++) await expect(gate.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await gate.run(() => Promise.resolve("yes"))).toBe("yes");
});

it("a visitor is refused when too many wait, and let in again when they have gone; a script waits", async () => {
  const gate = new HashingGate(2);
  const { ends, start } = work();
  const admitted = Array.from({ length: 21 }, () => gate.runSoon(start));
  await expect(gate.runSoon(start)).rejects.toMatchObject(busy);
  let isServed = false;
  const all = Promise.all([...admitted, gate.run(start)]).then(() => (isServed = true));
  for (; !isServed; await nextTurn()) ends.splice(0).forEach((end) => end());
  await all;
  const last = gate.runSoon(start);
  ends.forEach((end) => end());
  await last;
});

it.each([
  [undefined, 4],
  ["1", 1],
  ["16", 16],
  ["0", 1],
  ["5000", 1024],
  ["many", 1],
])("UV_THREADPOOL_SIZE=%s is %i threads", (size, threads) => expect(threadsOfPool(size)).toBe(threads));

it("a file can be read while hundreds of passwords are hashed", async () => {
  const hashing = Promise.all(Array.from({ length: 120 }, (_, n) => hashPassword(`a password ${n}`)));
  let isHashing = true;
  void hashing.then(() => (isHashing = false));
  for (let n = 0; n < 5; n++) await readFile(new URL(import.meta.url));
  expect(isHashing).toBe(true);
  await hashing;
});

it("a flood of logins: some are answered, the others told to come back, and their attempts are not counted", async () => {
  const made = authSite({ redis: client, throttle: { perAddress: { attempts: 1000, window: 60 } } });
  await made.auth.register({ username: "Ada", password: "correct horse" });
  const flood = Array.from({ length: 200 }, (_, n) =>
    made
      .visitor()
      .post("/api/login")
      .send({ username: `eve${n}`, password: "wrong horse" }),
  );
  const answers = await Promise.all(flood);
  const counts = (status: number) => answers.filter((answer) => answer.status === status).length;
  expect(counts(401)).toBeGreaterThan(20);
  expect(counts(401) + counts(503)).toBe(200);
  expect(counts(503)).toBeGreaterThan(0);
  expect(answers.find(({ status }) => status === 503)?.headers["retry-after"]).toBe("1");
  const names = await client.keys("throttle:account:*");
  expect(names.length).toBe(2 * counts(401)); // of the name, and of nobody's account
  expect((await made.visitor().post("/api/login").send({ username: "Ada", password: "correct horse" })).status).toBe(
    200,
  );
});
