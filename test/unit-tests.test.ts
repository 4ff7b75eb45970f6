/** The project `unit` holds what its list names, and nothing in it can start a server. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { startRedis } from "./support/servers/redis-server.js";
import { unitTests } from "./unit-tests.js";

it("every file on the list exists, and stands there once", () => {
  const missing = unitTests.filter((path) => !existsSync(fileURLToPath(new URL(`../${path}`, import.meta.url))));
  expect(missing).toEqual([]);
  expect([...new Set(unitTests)]).toEqual(unitTests);
});

it("a test of `unit` that starts a Redis or a Valkey fails, and is told why", async () => {
  const why = /tests of the project "unit" start no server and no program/;
  await expect(startRedis()).rejects.toThrow(why);
  await expect(startRedis({ kind: "valkey" })).rejects.toThrow(why);
});

it("a test of `unit` that starts any other program fails too", () => {
  expect(() => execFileSync(process.execPath, ["--version"])).toThrow(/start no server and no program/);
});
