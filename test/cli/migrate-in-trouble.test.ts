/** `holdfast migrate`, run as a program: interrupted, called wrongly, or with places that cannot be used. */
import { setTimeout as delay } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../support/servers/free-port.js";
import { startRedis } from "../support/servers/redis-server.js";
import { client, go, migrate, nextOf, places, server, site } from "./command-on-site.js";
import { paste, runCommand, startCommand } from "./command.js";

describe("Ctrl-C", () => {
  it("stops a backfill after the current page, and the command that it suggests continues from there", async () => {
    site.fill(4000);
    await go("start");
    const running = startCommand(["migrate", "backfill", "--rate", "1000", ...places]);
    await running.printed("of 4,000 rows");
    running.child.kill("SIGINT");
    const ended = await running.ended;
    expect(ended.code).toBe(130);
    expect(ended.stderr).toBe("\nStopping. Press Ctrl-C again to quit at once.\n");
    const { read } = (await site.control.readBackfill())!;
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(4000);
    expect(await site.redis.length()).toBe(read);
    expect(ended.stdout).toContain(`Stopped after ${read.toLocaleString("en-US")} rows. To continue from there:`);
    expect((await go("status")).stdout).toContain(`Backfill   interrupted after ${read.toLocaleString("en-US")} rows`);
    expect(nextOf(ended)).toContain("backfill --rate 1000 --redis");
    const rest = await paste(nextOf(ended)!.replace("--rate 1000", ""));
    expect(rest.stdout).toContain(`Continuing after ${read.toLocaleString("en-US")} rows of an earlier run`);
    expect(rest.stdout).toContain(`Copied ${(4000 - read).toLocaleString("en-US")} sessions`);
    expect(await site.redis.length()).toBe(4000);
    await go("verify");
  });

  it("with --json, reports that it stopped", async () => {
    site.fill(4000);
    await go("start");
    const running = startCommand(["migrate", "backfill", "--rate", "1000", "--json", ...places]);
    await expect.poll(() => site.control.readBackfill(), { timeout: 10_000 }).toBeDefined();
    running.child.kill("SIGTERM");
    const { code, stdout } = await running.ended;
    expect(code).toBe(143);
    expect(JSON.parse(stdout)).toMatchObject({ command: "backfill", ok: false, stopped: true, isComplete: false });
  });

  it("--rate limits the backfill, and progress is reported in lines", async () => {
    site.fill(2000);
    await go("start");
    const began = performance.now();
    const { stdout } = await go("backfill --rate 1000");
    expect(performance.now() - began).toBeGreaterThan(2000);
    expect(stdout).toMatch(/^ {1,2}\d+ % {2}\d+ of 2,000 rows/m);
  });

  it("stops a step that waits for a process; running the same command again continues it", async () => {
    await go("start", "verify");
    // A process that is alive and does not follow.
    const report = JSON.stringify({ host: "web-1", pid: 77, version: 0, pending: 0, overflowed: false });
    const heard = setInterval(() => {
      void site.control.read().then(({ now }) => client.hSet("{holdfast:move}:processes", "slow", `${now} ${report}`));
    }, 500);
    try {
      await delay(700);
      const running = startCommand(["migrate", "set", "10", ...places]);
      await running.printed("Waiting for 1 process to follow");
      const began = performance.now();
      running.child.kill("SIGINT");
      const ended = await running.ended;
      expect(performance.now() - began).toBeLessThan(3000);
      expect([ended.code, ended.stdout]).toEqual([130, expect.stringContaining("Run the same command to continue")]);
      expect((await go("status")).stdout).toMatch(/web-1 77 +not at the newest step yet/);
    } finally {
      clearInterval(heard);
      await delay(100);
      await client.hDel("{holdfast:move}:processes", "slow");
    }
    await go("set 10");
    expect(site.store.state).toMatchObject({ dial: 10, other: undefined });
  });

  it("pressed twice, ends the command at once", async () => {
    site.fill(2000);
    await go("start");
    const running = startCommand(["migrate", "backfill", "--rate", "500", ...places]);
    await running.printed("of 2,000 rows");
    server.process.kill("SIGSTOP"); // so that the rows at hand do not come to an end
    try {
      await delay(1200);
      running.child.kill("SIGINT");
      await running.printed("Stopping");
      const began = performance.now();
      running.child.kill("SIGINT");
      expect((await running.ended).signal).toBe("SIGINT");
      expect(performance.now() - began).toBeLessThan(3000); // Redis is frozen, and nothing waited for it
    } finally {
      server.process.kill("SIGCONT");
    }
  });
});

describe("incorrect usage: one sentence, exit code 2", () => {
  it.each([
    [["set", "101"], 'The dial is "101", but must be a whole number, from 0 to 100.'],
    [["set", "ten"], 'The dial is "ten"'],
    [["set"], "Missing required argument 'dial'."],
    [["backfill", "--rate", "0"], '--rate is "0", but must be a whole number, 1 or more.'],
    [["sett", "10"], "did you mean set?"],
    [["status", "--redsi", "x"], "Unknown option '--redsi'; did you mean --redis?"],
    [["status", "--columns", "id=x"], "must look like sid=id,session=data,expires=until"],
  ])("%j", async (args, sentence) => {
    const { code, stdout, stderr } = await migrate(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("without arguments, prints the help", async () => {
    const { code, stdout, stderr } = await runCommand(["migrate"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("backfill [options]");
  });

  it("--help is not incorrect usage", async () => {
    const { code, stdout } = await runCommand(["migrate", "backfill", "--help"]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("--from-start")]);
  });
});

describe("stores that cannot be used: one sentence that says what to do", () => {
  const run = (...args: string[]) => runCommand(["migrate", ...args, "--redis", server.url]);
  beforeEach(() => go("start").then(() => undefined));

  it.each([
    ["no database is given", [], 2, "No database to move from is given. Use --from or HOLDFAST_FROM"],
    ["an unknown database", ["--from", "mongodb://host/db"], 2, "must begin with postgres://"],
    ["no such file", ["--from", "sqlite:/nowhere/sessions.db"], 1, "there is no such file"],
    [
      "connection refused",
      ["--from", "postgres://app:hush@127.0.0.1:1/shop"],
      1,
      "PostgreSQL at 127.0.0.1:1 cannot be reached",
    ],
  ])("%s", async (_, args, code, sentence) => {
    const ended = await run("backfill", ...args);
    expect(ended.stderr).toContain(sentence);
    expect([ended.code, ended.stderr.trim().split("\n").length]).toEqual([code, 1]);
    expect(ended.stdout + ended.stderr).not.toMatch(/hush|\n\s+at /);
  });

  it("a table that does not exist, or has other columns", async () => {
    site.file.exec("CREATE TABLE other (sid TEXT PRIMARY KEY, payload TEXT, expire TEXT)");
    const missing = await migrate("backfill", "--table", "nothing");
    expect([missing.code, missing.stderr]).toEqual([
      1,
      expect.stringContaining('table "nothing": there is no such table'),
    ]);
    const wrong = await migrate("verify", "--table", "other");
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('it has no column "sess"')]);
    const another = await migrate("backfill", "--table", "other", "--columns", "session=payload");
    expect([another.code, another.stderr]).toEqual([1, expect.stringContaining("is not the table that the app's own")]);
  });

  it("status works without the database; its exit code shows the failure", async () => {
    const { code, stdout } = await run("status", "--from", "sqlite:/nowhere/sessions.db");
    expect(stdout).toMatch(/^Move +phase 1 of 4/m);
    expect(stdout).toContain("there is no such file");
    expect(code).toBe(1);
  });

  it("Redis cannot be reached", async () => {
    const { code, stderr } = await runCommand(["migrate", "status"], {
      REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
    });
    expect([code, stderr.trim().split("\n").length]).toEqual([1, 1]);
    expect(stderr).toContain("cannot be reached: nothing listens there");
  });
});

describe("locations of the stores", () => {
  it("can come from the environment, and are then left out of suggested commands", async () => {
    const env = { REDIS_URL: server.url, HOLDFAST_FROM: site.from };
    const { stdout } = await runCommand(["migrate", "status"], env);
    expect(stdout).toContain('0 rows in SQLite, table "sessions"');
    expect(stdout).toMatch(/^ {2}npx holdfast migrate start$/m);
    expect((await runCommand(["migrate", "start"], env)).stdout).toMatch(/^ {2}npx holdfast migrate backfill$/m);
  });

  it("a password is never printed", async () => {
    const locked = await startRedis({ args: ["--requirepass", "hush-hush"] });
    try {
      const args = ["migrate", "status", "--from", "postgres://app:hush-hush@127.0.0.1:1/shop?sslpassword=hush-hush"];
      const url = `redis://:hush-hush@127.0.0.1:${locked.port}`;
      for (const form of [[], ["--json"]]) {
        const right = await runCommand([...args, ...form, "--redis", url]);
        expect(right.stdout).toContain(`--redis 'redis://:***@127.0.0.1:${locked.port}'`);
        expect(right.stdout).toContain("--from 'postgres://app:***@127.0.0.1:1/shop?sslpassword=***'");
        const wrong = await runCommand([...args, ...form, "--redis", url.replace("hush-hush", "hush-hush-wrong")]);
        expect(wrong.stderr).toContain("refused the password");
        expect(right.stdout + right.stderr + wrong.stdout + wrong.stderr).not.toContain("hush-hush");
      }
    } finally {
      await locked.stop();
    }
  });

  it("--key and --prefix match the app's", async () => {
    const { stdout } = await go("status --key {other} --prefix shop:");
    expect(stdout).toContain("no process follows the move");
    expect(stdout).toContain("keys shop:*");
    expect(stdout).toContain("--prefix shop: --key '{other}'");
  });
});
