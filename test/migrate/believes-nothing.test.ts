/** Nothing is deleted because it could not be read, or was not found where nobody has shown that it must be. */
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { backfill, proveWayBack, rollback, verify } from "holdfast/migrate";
import { useRedis } from "../support/servers/use-redis.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import { FickleStore } from "./fickle-store.js";
import { MemorySource } from "./sources/memory-source.js";
import { loggedIn, look, twoStores, type TwoStores } from "./two-stores.js";
import { repositoryOf } from "../../lib/express-session/index.js";

expectNothingUnhandled();
const server = useRedis();
let on: TwoStores;
let source: MemorySource;
beforeEach(async () => {
  on = await twoStores(server);
  source = new MemorySource(on.legacy);
});
afterEach(() => on.close());

const parts = (from = source) => ({ source: from, redis: on.redis, control: on.control });

/** Another table of the same shape, a copy that was right a moment ago. */
function copyOfTable(): MemorySource {
  const other = new FickleStore();
  Object.assign(other.texts, on.legacy.texts);
  return new MemorySource(other);
}

test("a table that the app does not use, empty or a copy, is detected before anything is deleted because of it", async () => {
  const { site } = await on.process();
  await on.turnTo(0);
  const visitors = await Promise.all(["a", "b", "c"].map((name) => loggedIn(site, name)));
  await expect(backfill(parts()).then(({ isComplete }) => isComplete)).resolves.toBe(true);
  for (const wrong of [new MemorySource(new FickleStore()), copyOfTable()]) {
    const all = { ...parts(wrong), repair: true, endMany: true, leaveBehind: true, acceptLoss: true, move: on.move };
    await expect(verify(all)).rejects.toMatchObject({ code: "HOLDFAST_MOVE_UNPROVEN" });
    await expect(proveWayBack(all)).rejects.toMatchObject({ code: "HOLDFAST_MOVE_UNPROVEN" });
    await expect(rollback(all)).rejects.toMatchObject({ code: "HOLDFAST_MOVE_UNPROVEN" });
  }
  await proveWayBack(parts());
  expect(await verify({ ...parts(), repair: true })).toMatchObject({ same: 3, onlyRedis: 0 });
  for (const visitor of visitors) expect((await look(visitor)).user).not.toBeNull();
});

test("an unreadable value in Redis is counted and kept, and so is its row; a rollback is refused", async () => {
  const { site } = await on.process();
  await on.turnTo(100);
  const visitor = await loggedIn(site, "a");
  await on.client.set(on.redis.prefix + visitor.id, "encrypted by somebody", { EX: 3600 });
  const result = await verify({ ...parts(), repair: true });
  expect(result).toMatchObject({ unreadableInRedis: 1, same: 0, repaired: 0 });
  expect(result.leftBehind).toHaveLength(1);
  await expect(rollback({ ...parts(), move: on.move })).rejects.toThrow("could not be moved back");
  expect(on.legacy.sessionOf(visitor.id)?.["user"]).toBe("a");
  expect(await on.client.get(on.redis.prefix + visitor.id)).toBe("encrypted by somebody");
});

test("after Redis lost the state of a finished move, ended sessions in the old table stay ended", async () => {
  const { site, store } = await on.process();
  await on.turnTo(100);
  const visitor = await loggedIn(site, "a");
  const cookie = visitor.cookie;
  await on.move.noteVerified((await on.control.read()).version);
  await on.move.finish();
  await visitor.get("/logout");
  expect(on.legacy.sessionOf(visitor.id)).toBeDefined();
  await on.client.del(on.key);
  await expect.poll(async () => (await on.control.read()).phase, { timeout: 5000 }).toBe("finished");
  expect(store.state.phase).toBe("finished");
  visitor.cookie = cookie;
  expect((await look(visitor)).user).toBeNull();
  expect((await on.control.read()).doubt).toContain("lost the state");
});

test("with the database as home, a logout writes its tombstone before it deletes the row, so no polling request sees the session", async () => {
  const { site } = await on.process();
  await on.turnTo(0);
  for (let n = 0; n < 20; n++) {
    const visitor = await loggedIn(site, "a");
    const { id } = visitor;
    let isDeleted = false;
    on.legacy.beforeWrite = async (method, sid) => {
      if (method !== "destroy" || sid !== id) return;
      // The tombstone is there before the row goes.
      expect(await repositoryOf(on.redis).transfer.presenceOf(sid)).toBe("dead");
      await delay(2);
      isDeleted = true;
    };
    await visitor.get("/logout");
    expect(isDeleted).toBe(true);
  }
  on.legacy.beforeWrite = undefined;
});
