/** `req.session.destroy()` without a callback passes no promise on: its failure must not end the process. */
import { createClient } from "redis";
import { expect, it, onTestFinished } from "vitest";
import { RedisSessionStore } from "holdfast";
import { startRedis } from "../support/servers/redis-server.js";

it("a store's method that fails, and whose promise nobody takes, is no unhandled rejection", async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const client = await createClient({ url: redis.url })
    .on("error", () => {})
    .connect();
  onTestFinished(() => client.destroy());
  const store = new RedisSessionStore({ client });
  await client.sendCommand(["ACL", "SETUSER", "default", "-@all", "+acl"]);
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  void store.destroy("an id");
  void store.set("an id", { cookie: { originalMaxAge: null } } as never);
  await expect(store.destroy("an id")).rejects.toMatchObject({ reason: "no-permission" });
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
});
