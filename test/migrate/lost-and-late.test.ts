/** Nothing is deleted by a table that is not the app's, by what cannot be read, or by a Redis that has lost its state. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { proveWayBack, rollback, verify } from "holdfast/migrate";
import { startRedis } from "../support/servers/redis-server.js";
import { useRedis } from "../support/servers/use-redis.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import { Visitor } from "../support/web-site.js";
import { MemorySource } from "./sources/memory-source.js";
import { loggedIn, look, twoStores, type TwoStores } from "./two-stores.js";

expectNothingUnhandled();
const server = useRedis();
let on: TwoStores;
let source: MemorySource;
beforeEach(async () => {
  on = await twoStores(server);
  source = new MemorySource(on.legacy);
});
afterEach(() => on.close());

const seconds = { timeout: 15_000, interval: 20 };
const parts = (other: MemorySource = source) => ({ source: other, redis: on.redis, control: on.control });
const finish = async () => {
  await on.turnTo(100);
  await on.move.noteVerified((await on.control.read()).version);
  await on.move.finish();
};

describe("before anything is deleted", () => {
  test("a test session must be written to the table and found by every process", async () => {
    await on.process();
    await on.process();
    await proveWayBack(parts());
    const write = source.write.bind(source);
    source.write = (rows) => write(rows.map((row) => ({ ...row, text: "{}", sid: `${row.sid}-elsewhere` })));
    await expect(proveWayBack(parts())).rejects.toMatchObject({ code: "HOLDFAST_MOVE_UNPROVEN" });
  });

  test("ending most sessions is refused and changes nothing, unless `endMany` is given", async () => {
    const { site } = await on.process();
    await on.turnTo(0);
    for (let i = 0; i < 8; i++) await loggedIn(site, `v${i}`);
    for (const sid of Object.keys(on.legacy.texts)) if (sid !== on.control.markerId) delete on.legacy.texts[sid];
    await expect(verify({ ...parts(), repair: true })).rejects.toThrow(
      "The table has no live session, but Redis has 8",
    );
    expect((await on.redis.all()).length).toBe(8);
    expect((await verify({ ...parts(), repair: true, endMany: true })).repaired).toBe(8);
  });
});

test("an unreadable value in Redis is reported and kept, and so is its row, even with `leaveBehind`", async () => {
  const { site } = await on.process();
  await on.turnTo(100);
  const [readable, unreadable] = [await loggedIn(site, "a"), await loggedIn(site, "b")];
  await on.client.set(`${on.redis.prefix}${unreadable.id}`, "encrypted", { EX: 1000 });
  await finish();
  await expect(rollback({ ...parts(), move: on.move })).rejects.toThrow("could not be moved back");
  await rollback({ ...parts(), move: on.move, leaveBehind: true });
  expect(on.legacy.sessionOf(unreadable.id)?.["user"]).toBe("b");
  expect(on.legacy.sessionOf(readable.id)?.["user"]).toBe("a");
  expect(await on.client.get(`${on.redis.prefix}${unreadable.id}`)).toBe("encrypted");
});

describe("Redis loses all data after the move is finished", () => {
  test.each(["a running process", "a new process"] as const)("%s does not return to the old table", async (who) => {
    const first = await on.process();
    await on.turnTo(0);
    const visitor = await loggedIn(first.site, "v");
    await finish();
    await expect
      .poll(() => on.legacy.sessionOf(on.control.markerId)?.["holdfastMove"]?.phase, seconds)
      .toBe("finished");
    expect((await visitor.get("/logout")).status).toBe(200);
    expect(on.legacy.sessionOf(visitor.id)).toBeDefined(); // the table is as it was
    if (who === "a new process") await first.close();
    await on.client.flushDb();
    const { site, store } = who === "a running process" ? first : await on.process();
    expect((await look(new Visitor(site, visitor.cookie))).user).toBeNull();
    await expect.poll(async () => (await on.control.read()).phase, seconds).toBe("finished");
    expect(store.state.phase).toBe("finished");
  });
});

test("at dial 0, a polling page never sees a session after its logout", async () => {
  on.legacy.slowness = 1;
  const [one, other] = [await on.process(), await on.process()];
  await on.turnTo(0);
  for (let i = 0; i < 40; i++) {
    const visitor = await loggedIn(one.site, "v");
    let isOut = false;
    const poll = async () => {
      for (let n = 0; n < 12; n++) {
        const wasOut = isOut;
        const { body } = await new Visitor(other.site, visitor.cookie).get("/look");
        if (wasOut) expect(JSON.parse(body)).toMatchObject({ user: null });
        await new Visitor(one.site, visitor.cookie).get(`/put?name=n${n}`);
      }
    };
    await Promise.all([
      poll(),
      poll(),
      new Visitor(one.site, visitor.cookie).get("/logout").then(() => (isOut = true)),
    ]);
  }
});

test("a process that starts without Redis uses the legacy store only while no move has begun", async () => {
  const { site } = await on.process();
  const visitor = await loggedIn(site, "v");
  const down = await startRedis();
  const client = await down.client();
  await down.stop();
  const cut = await on.process({ client, commandTimeout: 300 });
  expect((await look(new Visitor(cut.site, visitor.cookie))).user).toBe("v");
  await on.turnTo(0);
  await expect.poll(() => on.legacy.sessionOf(on.control.markerId), seconds).toBeDefined();
  await expect.poll(async () => (await new Visitor(cut.site, visitor.cookie).get("/look")).status, seconds).toBe(503);
});
