/** A store made of two on a real Redis, new for each test; `on` and `server` are the ones of the test that runs. */
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import { twoStores, type TwoStores } from "./two-stores.js";

expectNothingUnhandled();
export let server: TestRedis;
export let on: TwoStores;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());
beforeEach(async () => {
  on = await twoStores(server);
});
afterEach(async () => {
  server.process.kill("SIGCONT");
  await on.close();
});

export const seconds = { timeout: 15_000, interval: 20 };
export const thingsIn = (data: Record<string, any> | undefined) => Object.keys(data?.["things"] ?? {}).sort();
export const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: Error) => error.message,
  );

export const phases = ["off", "moving 0", "moving 50", "moving 100", "turning", "to be turned", "finished"] as const;
export const isTurning = (phase: string) => phase === "turning" || phase === "to be turned";
export async function bringTo(phase: (typeof phases)[number]): Promise<void> {
  if (phase === "off") return;
  await on.turnTo(phase === "moving 0" ? 0 : phase === "moving 50" ? 50 : isTurning(phase) ? 30 : 100);
  if (isTurning(phase)) {
    const { version } = await on.control.read();
    await on.control.change(version, phase === "turning" ? { dial: 70, other: 30 } : { dial: 30, other: 70 });
    const versions = async () => (await on.control.processes()).map((process) => process.version);
    await expect.poll(async () => (await versions()).every((one) => one > version), seconds).toBe(true);
  }
  if (phase !== "finished") return;
  await on.move.noteVerified((await on.control.read()).version);
  await on.move.finish();
}
