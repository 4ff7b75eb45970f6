/** Work that is not waited for without end. */
import { expect, test } from "vitest";
import { within } from "../../lib/errors/index.js";

const never = new Promise<never>(() => {});

test("work that ends in time ends as it does alone", async () => {
  expect(await within(Promise.resolve(1), 1000)).toBe(1);
  await expect(within(Promise.reject(new Error("no")), 1000)).rejects.toThrow("no");
});

test("work that takes longer ends with a TimeoutError, and whoever asked is told once", async () => {
  let told = 0;
  await expect(within(never, 10, () => told++)).rejects.toMatchObject({ name: "TimeoutError" });
  expect(told).toBe(1);
});

test("work that has ended is not told of as slow", async () => {
  let told = 0;
  await within(Promise.resolve(), 10, () => told++);
  await within(never, 30).catch(() => {});
  expect(told).toBe(0);
});
