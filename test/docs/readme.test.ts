/** The first program that a reader sees runs. (links.test.ts: what the documents point to exists.) */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { freePort } from "../support/servers/free-port.js";
import { useRedis } from "../support/servers/use-redis.js";
import { Visitor } from "../support/web-site.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

const redis = useRedis();

test("the README has a program before line 30, and it runs", async () => {
  const lines = readme.split("\n");
  const begin = lines.indexOf("```js");
  const end = lines.indexOf("```", begin);
  expect(end).toBeLessThan(30);
  const port = await freePort();
  const program = lines
    .slice(begin + 1, end)
    .join("\n")
    .replace("3000", String(port));
  mkdirSync(join(root, ".build"), { recursive: true });
  const file = join(root, ".build", "readme.mjs"); // inside the package, so that `holdfast` is this one, as built
  writeFileSync(file, program);
  const server = spawn(process.execPath, [file], { stdio: "ignore", env: { ...process.env, REDIS_URL: redis.url } });
  try {
    const visitor = new Visitor({ url: `http://127.0.0.1:${port}`, close: async () => {} });
    await expect
      .poll(() => visitor.get("/").then(({ body }) => body, String), { timeout: 30_000 })
      .toContain("1 times");
    expect((await visitor.get("/")).body).toContain("2 times");
  } finally {
    server.kill();
  }
});
