/** What is told about logins and moves. */
import type { RedisClientType } from "redis";
import { MemoryStore, RedisSessionStore } from "holdfast";
import { MigratingStore, Move, MoveControl } from "holdfast/migrate";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { emit, type AuthEvents } from "../../lib/auth/events.js";
import { EventEmitter } from "node:events";
import { listen, namesOf } from "../support/heard.js";
import { useRedis } from "../support/servers/use-redis.js";

const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});

it("every event of a login is told", () => {
  const heard = listen("login");
  const events = new EventEmitter<AuthEvents>();
  const event = { user: "1", address: undefined, at: 1, reason: "wrong" } as const;
  emit(events, "login-failed", event);
  expect(heard.map(({ payload }) => payload)).toEqual([{ name: "login-failed", event, events }]);
});

it("a move tells its steps, who follows them, and each copy", async () => {
  const store = new MigratingStore({
    legacy: new MemoryStore(),
    redis: new RedisSessionStore({ client }),
  });
  onTestFinished(() => store.close());
  const move = new Move(new MoveControl(client));
  await expect.poll(async () => (await move.status()).processes.length).toBe(1);
  const heard = listen("move:");
  await move.start();
  expect(namesOf(heard)).toEqual(["move:changed", "move:followed"]);
  expect(heard[0]!.payload["fields"]).toMatchObject({ phase: "moving", dial: 0 });
  expect(heard[1]!.payload).toMatchObject({ store, phase: "moving", dial: 0 });
  const cookie = { originalMaxAge: null };
  await new Promise((resolve) => store.set("an id", { cookie } as never, resolve));
  expect(heard[2]).toMatchObject({ name: "move:mirrored", payload: { store, to: "redis", isCopied: true } });
});
