/** `holdfast migrate`, run as a program: the way there, the way back, what is refused, and what is said. */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RedisClientType } from "redis";
import { freePort } from "../support/free-port.js";
import { startRedis, type TestRedis } from "../support/redis-server.js";
import { buildCommand, paste, removeCommand, runCommand, startCommand, type Ended } from "./command.js";
import { openSite, save, type MovingSite } from "./moving-site.js";

let server: TestRedis;
let client: RedisClientType;
let site: MovingSite;
let places: string[];

beforeAll(async () => {
  buildCommand();
  server = await startRedis();
  client = await server.client();
}, 60_000);
afterAll(async () => {
  await server.stop();
  removeCommand();
});
beforeEach(async () => {
  await client.flushAll();
  site = await openSite(server);
  places = ["--redis", server.url, "--from", site.from];
});
afterEach(() => site.close());

const migrate = (...args: string[]) => runCommand(["migrate", ...args, ...places]);

/** Steps that must succeed. */
async function go(...steps: string[]): Promise<Ended> {
  let ended: Ended | undefined;
  for (const step of steps) {
    ended = await migrate(...step.split(" "));
    if (ended.code !== 0) throw new Error(`${step}: ${ended.stdout}${ended.stderr}`);
  }
  return ended!;
}

/** The first command that it says comes next. */
const nextOf = ({ stdout }: Ended) => /^ {2}(npx holdfast .+)$/m.exec(stdout)?.[1];
const stepOf = (line: string | undefined) => /migrate ([\w -]+?)( --redis.*)?$/.exec(line ?? "")?.[1];

/** Everything in Redis but what the app's process says of itself twice a second. */
async function everything(): Promise<Record<string, string>> {
  const keys = (await client.keys("*")).filter((key) => !key.endsWith(":processes")).sort();
  const dumps = await Promise.all(
    keys.map(async (key) => [
      key,
      String(await client.sendCommand(["DUMP", key])),
      String(await client.expireTime(key)),
    ]),
  );
  return Object.fromEntries(dumps.map(([key, ...rest]) => [key!, rest.join(" ")]));
}

const rows = () => site.file.prepare("SELECT * FROM sessions ORDER BY sid").all();

describe("the whole way", () => {
  it("each step says what comes next, and pasted it works", async () => {
    site.fill(600);
    const steps: (string | undefined)[] = [];
    let ended = await migrate("status");
    expect(ended.stdout).toContain("not begun; the app uses its old store alone");
    for (let line = nextOf(ended); line && steps.length < 20; line = nextOf(ended)) {
      if (stepOf(line) === "rollback") break;
      steps.push(stepOf(line));
      ended = await paste(line);
      expect({ line, ...ended }).toMatchObject({ line, code: 0, stderr: "" });
    }
    expect(steps).toEqual(["start", "backfill", "verify", "set 10", "set 50", "set 100", "verify", "finish"]);
    expect(await site.redis.length()).toBe(600);
    expect(site.store.state.phase).toBe("finished");
    const { stdout } = await go("status");
    expect(stdout).toMatch(/^Move +finished, begun .+ ago; Redis alone is asked$/m);
    expect(stdout).toMatch(/^Processes +1 process follows the move$/m);
    expect(stdout).toMatch(/600 keys in Redis at redis:\/\/127\.0\.0\.1:\d+, keys sess:\*/);
    expect(stdout).toContain('600 rows in SQLite, table "sessions"');
  });

  it("says what it will do and what it did", async () => {
    site.fill(3);
    expect((await go("start")).stdout).toMatch(
      /^From now on every change is written to both stores\..+\nBegun: 1 process follows\./,
    );
    const { stdout } = await go("backfill");
    expect(stdout).toMatch(/^Copies the live sessions of SQLite, table "sessions" to Redis at .+, keys sess:\*\./);
    expect(stdout).toMatch(/^Copied 3 sessions of 3 rows, in /m);
    expect((await go("backfill")).stdout).toContain("Copied 0 sessions of 3 rows");
    expect((await go("verify")).stdout).toContain("3 sessions are the same in both stores.\nNo difference.");
    expect((await go("set 10")).stdout).toContain(
      "Turns the dial from 0 to 10: of 100 sessions, 10 have their home in Redis then.\nThe dial stands at 10: 1 process follows.",
    );
    expect((await go("set 10")).stdout).toContain("The dial stands at 10 already.");
    expect((await go("status")).stdout).toContain("[##------------------] 10 of 100 sessions have their home in Redis");
  });

  it("leaves what is no session, and names it by a hash", async () => {
    site.fill(1);
    site.file
      .prepare("INSERT INTO sessions VALUES ('secret-id', 'rubbish', ?)")
      .run(new Date(Date.now() + 1e6).toISOString());
    site.file.prepare("INSERT INTO sessions VALUES ('old', '{}', ?)").run(new Date(Date.now() - 1e6).toISOString());
    await go("start");
    const { stdout } = await go("backfill");
    expect(stdout).toContain("Left alone: 1 had expired; 1 is no session: 2d4e223a.");
    expect(stdout).not.toContain("secret-id");
  });

  it("goes back from the middle and from the end, with what was made since", async () => {
    site.fill(20);
    for (const way of [
      ["verify", "set 50"],
      ["verify", "set 100", "verify", "finish"],
    ]) {
      await go("start", "backfill", ...way);
      await save(site.store, `new-${way.length}`, { cart: way });
      const ended = await go("rollback");
      expect(ended.stdout).toContain("Rolled back: the database has every session and answers alone.");
      expect(stepOf(nextOf(ended))).toBe("start");
      expect(site.store.state.phase).toBe("off");
      expect(rows().map(({ sid }) => sid)).toContain(`new-${way.length}`);
    }
    expect(rows()).toHaveLength(22);
  });
});

describe("what is refused: one sentence, exit code 1, nothing changed", () => {
  async function expectRefused(step: string, sentence: string | RegExp): Promise<void> {
    const before = await everything();
    for (const args of [step.split(" "), [...step.split(" "), "--dry-run"]]) {
      const { code, stderr } = await migrate(...args);
      expect({ step: args.join(" "), code, lines: stderr.trim().split("\n").length }).toEqual({
        step: args.join(" "),
        code: 1,
        lines: 1,
      });
      expect(stderr).toMatch(sentence);
    }
    expect(await everything()).toEqual(before);
  }

  it("before the beginning", async () => {
    for (const step of ["set 10", "finish", "backfill", "verify --repair"])
      await expectRefused(step, "Run `holdfast migrate start` first.");
    await expectRefused("rollback", "nothing to bring back");
  });

  it("without a process that follows, unless forced", async () => {
    await site.store.close();
    await expectRefused("start", "No process of the app follows the move");
    expect((await go("start --force")).stdout).toContain("Begun: no process follows the move.");
  });

  it("on the way", async () => {
    site.fill(5);
    await go("start");
    await expectRefused("start", "begun already");
    await expectRefused("finish", "The dial stands at 0. Run `holdfast migrate set 100` first.");
    await go("backfill");
    await expectRefused("set 10", "have never been compared since this move began");
    await go("verify", "set 100");
    await expectRefused("finish", "have not been compared since the dial was turned");
    expect((await go("finish --force")).stdout).toContain("Finished: 1 process follows.");
    await expectRefused("set 50", "The move is finished");
    await expectRefused("backfill", "The move is finished");
    await expectRefused("verify --repair", "The move is finished");
  });

  it("after a process went without a word, until a comparison", async () => {
    await go("start", "verify");
    const { now } = await site.control.read();
    const report = JSON.stringify({ host: "web-1", pid: 77, version: 1, pending: 3, overflowed: false });
    await client.hSet("{holdfast:move}:processes", "gone", `${now - 20_000} ${report}`);
    const { stdout } = await go("status");
    expect(stdout).toMatch(/web-1 77 .+3 changes wait, silent for \d+ s: it counts as gone/);
    const turned = await migrate("set", "10");
    expect(turned).toMatchObject({ code: 1 });
    expect(turned.stderr).toMatch(
      /^Process 77 on web-1 ended without a word\..+Run `holdfast migrate verify --repair`, then try again\.\n$/,
    );
    await expectRefused("set 50", "ended without a word");
    const page = await go("status");
    expect(page.stdout).toContain("In doubt   Process 77 on web-1 ended without a word.");
    expect(stepOf(nextOf(page))).toBe("verify --repair");
    await go("verify --repair", "set 10");
  });

  it("a comparison settles a process that is silent and was not noticed yet", async () => {
    await go("start");
    const { now } = await site.control.read();
    const report = JSON.stringify({ host: "web-1", pid: 77, version: 1, pending: 0, overflowed: false });
    await client.hSet("{holdfast:move}:processes", "gone", `${now - 20_000} ${report}`);
    await go("verify", "set 10");
  });
});

describe("verify", () => {
  beforeEach(async () => {
    site.fill(10);
    await go("start", "backfill");
    await client.del("sess:visitor-000003");
    await client.set("sess:visitor-000004", JSON.stringify({ cookie: {}, n: "else" }), { EX: 1000 });
    await client.set("sess:nobody", JSON.stringify({ cookie: {} }), { EX: 1000 });
  });

  it("ends with 1 at a difference, changes nothing and notes nothing", async () => {
    const before = await everything();
    const { code, stdout } = await migrate("verify");
    expect(code).toBe(1);
    expect(stdout).toContain("8 sessions are the same in both stores.");
    expect(stdout).toContain("3 differences: 1 differs, 1 only in the database, 1 only in Redis; ");
    expect(stdout).not.toContain("visitor-");
    expect(await everything()).toEqual(before);
  });

  it("repairs, and is then content", async () => {
    const { stdout } = await go("verify --repair");
    expect(stdout).toContain("Repaired: 3.");
    expect(stepOf(nextOf({ stdout } as Ended))).toBe("set 10");
    expect(await client.get("sess:visitor-000004")).toContain('"n":4');
    expect((await go("verify")).stdout).toContain("No difference.");
  });
});

describe("--dry-run changes nothing", () => {
  async function expectUntouched(...steps: string[]): Promise<void> {
    const before = { redis: await everything(), rows: rows() };
    for (const step of steps) {
      const ended = await migrate(...step.split(" "), "--dry-run");
      expect([step, ended.code, ended.stderr]).toEqual([step, 0, ""]);
      expect(ended.stdout).toMatch(/Nothing was (changed|written|noted) \(--dry-run\)\.\n$/);
      expect({ step, redis: await everything(), rows: rows() }).toEqual({ step, ...before });
    }
  }

  it("at any step", async () => {
    site.fill(30);
    await expectUntouched("start");
    await go("start");
    await expectUntouched("backfill", "rollback");
    await go("backfill");
    await expectUntouched("verify", "verify --repair");
    await go("verify");
    await expectUntouched("set 10");
    await go("set 100", "verify");
    await expectUntouched("finish", "rollback", "set 0");
    await save(site.store, "late", {});
    await client.del("sess:visitor-000001");
    const { stdout } = await migrate("rollback", "--dry-run");
    expect(stdout).toContain("To be brought up to date: 1.");
  });

  it("tells how much a backfill would copy", async () => {
    site.fill(30);
    await go("start");
    expect((await go("backfill --dry-run")).stdout).toContain("Would copy 30 sessions of 30 rows");
    expect(await site.redis.length()).toBe(0);
  });
});

describe("--json: one object on stdout, and nothing else", () => {
  it("at every step", async () => {
    site.fill(5);
    const expected: [step: string, facts: object][] = [
      ["status", { phase: "off", sessions: { legacy: { sessions: 5 }, redis: { sessions: 0 } } }],
      ["start", { phase: "moving", dial: 0, processes: 1 }],
      ["backfill", { copied: 5, total: 5, isComplete: true }],
      ["verify", { same: 5, left: 0, noted: true }],
      ["set 100", { dial: 100 }],
      ["verify", { same: 5 }],
      ["finish", { phase: "finished" }],
      ["status", { phase: "finished", verified: false, processes: [{ pid: process.pid, pending: 0 }] }],
      ["rollback", { phase: "off", same: 5 }],
    ];
    for (const [step, facts] of expected) {
      const { stdout, stderr, code } = await migrate(...step.split(" "), "--json");
      expect([step, code, stderr]).toEqual([step, 0, ""]);
      const result = JSON.parse(stdout) as { next: object[] };
      expect(result).toMatchObject({ command: step.split(" ")[0], ok: true, ...facts });
      expect(result.next.length).toBeGreaterThan(0);
    }
  });

  it("for a difference, a refusal and wrong usage as well", async () => {
    const refused = await migrate("finish", "--json");
    expect(JSON.parse(refused.stdout)).toMatchObject({
      command: "finish",
      ok: false,
      error: { code: "HOLDFAST_MOVE_REFUSED" },
    });
    const wrong = await migrate("set", "abc", "--json");
    expect([wrong.code, JSON.parse(wrong.stdout)]).toMatchObject([2, { ok: false, error: { code: "USAGE" } }]);
    site.fill(1);
    await go("start");
    const different = await migrate("verify", "--json");
    expect([different.code, JSON.parse(different.stdout)]).toMatchObject([1, { ok: false, left: 1, onlyLegacy: 1 }]);
  });
});

describe("Ctrl-C", () => {
  it("stops a backfill after the rows at hand, and what it says to type goes on from there", async () => {
    site.fill(4000);
    await go("start");
    const running = startCommand(["migrate", "backfill", "--rate", "1000", ...places]);
    await running.printed("of 4,000 rows");
    running.child.kill("SIGINT");
    const ended = await running.ended;
    expect(ended.code).toBe(130);
    expect(ended.stderr).toBe("\nStopping; Ctrl-C again ends at once.\n");
    const { read } = (await site.control.readBackfill())!;
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(4000);
    expect(await site.redis.length()).toBe(read);
    expect(ended.stdout).toContain(`Stopped after ${read.toLocaleString("en-US")} rows. This goes on from there:`);
    expect((await go("status")).stdout).toContain(`Backfill   interrupted after ${read.toLocaleString("en-US")} rows`);
    expect(nextOf(ended)).toContain("backfill --rate 1000 --redis");
    const rest = await paste(nextOf(ended)!.replace("--rate 1000", ""));
    expect(rest.stdout).toContain(`Goes on after ${read.toLocaleString("en-US")} rows of an earlier run`);
    expect(rest.stdout).toContain(`Copied ${(4000 - read).toLocaleString("en-US")} sessions`);
    expect(await site.redis.length()).toBe(4000);
    await go("verify");
  });

  it("with --json, too, says that it stopped", async () => {
    site.fill(4000);
    await go("start");
    const running = startCommand(["migrate", "backfill", "--rate", "1000", "--json", ...places]);
    await expect.poll(() => site.control.readBackfill(), { timeout: 10_000 }).toBeDefined();
    running.child.kill("SIGTERM");
    const { code, stdout } = await running.ended;
    expect(code).toBe(143);
    expect(JSON.parse(stdout)).toMatchObject({ command: "backfill", ok: false, stopped: true, isComplete: false });
  });

  it("--rate is kept to, and told in lines now and then", async () => {
    site.fill(2000);
    await go("start");
    const began = performance.now();
    const { stdout } = await go("backfill --rate 1000");
    expect(performance.now() - began).toBeGreaterThan(2000);
    expect(stdout).toMatch(/^ {1,2}\d+ % {2}\d+ of 2,000 rows/m);
  });

  it("stops a step that waits for a process; the same command goes on", async () => {
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
      expect([ended.code, ended.stdout]).toEqual([130, expect.stringContaining("the same command goes on from there")]);
      expect((await go("status")).stdout).toMatch(/web-1 77 +on its way to the newest step/);
    } finally {
      clearInterval(heard);
      await delay(100);
      await client.hDel("{holdfast:move}:processes", "slow");
    }
    await go("set 10");
    expect(site.store.state).toMatchObject({ dial: 10, other: undefined });
  });

  it("twice ends at once", async () => {
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
      expect(performance.now() - began).toBeLessThan(1000);
    } finally {
      server.process.kill("SIGCONT");
    }
  });
});

describe("wrong usage: one sentence, exit code 2", () => {
  it.each([
    [["set", "101"], 'The dial is "101", but must be a whole number, from 0 to 100.'],
    [["set", "ten"], 'The dial is "ten"'],
    [["set"], "Missing required argument 'dial'."],
    [["backfill", "--rate", "0"], '--rate is "0", but must be a whole number, 1 or more.'],
    [["sett", "10"], "did you mean set?"],
    [["status", "--redsi", "x"], "Unknown option '--redsi'; did you mean --redis?"],
    [["status", "--columns", "id=x"], "must be as sid=id,session=data,expires=until"],
  ])("%j", async (args, sentence) => {
    const { code, stdout, stderr } = await migrate(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("nothing to do is answered with the help", async () => {
    const { code, stdout, stderr } = await runCommand(["migrate"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("backfill [options]");
  });

  it("help is no wrong usage", async () => {
    const { code, stdout } = await runCommand(["migrate", "backfill", "--help"]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("--from-start")]);
  });
});

describe("stores that cannot be used: one sentence with the remedy", () => {
  const run = (...args: string[]) => runCommand(["migrate", ...args, "--redis", server.url]);
  beforeEach(() => go("start").then(() => undefined));

  it.each([
    ["no database is named", [], 2, "The database to move from is not named; use --from or HOLDFAST_FROM."],
    ["an unknown database", ["--from", "mongodb://host/db"], 2, "must begin with postgres://"],
    ["no such file", ["--from", "sqlite:/nowhere/sessions.db"], 1, "there is no such file"],
    [
      "nothing listens",
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

  it("a table that is missing, or not of this shape", async () => {
    site.file.exec("CREATE TABLE other (sid TEXT PRIMARY KEY, payload TEXT, expire TEXT)");
    const missing = await migrate("backfill", "--table", "nothing");
    expect([missing.code, missing.stderr]).toEqual([
      1,
      expect.stringContaining('table "nothing": there is no such table'),
    ]);
    const wrong = await migrate("verify", "--table", "other");
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('it has no column "sess"')]);
    await go("backfill --table other --columns session=payload");
  });

  it("the status is told although the database is away; its exit code tells", async () => {
    const { code, stdout } = await run("status", "--from", "sqlite:/nowhere/sessions.db");
    expect(stdout).toMatch(/^Move +phase 1 of 4/m);
    expect(stdout).toContain("there is no such file");
    expect(code).toBe(1);
  });

  it("Redis is away", async () => {
    const { code, stderr } = await runCommand(["migrate", "status"], {
      REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
    });
    expect([code, stderr.trim().split("\n").length]).toEqual([1, 1]);
    expect(stderr).toContain("cannot be reached: nothing listens there");
  });
});

describe("places", () => {
  it("come from the environment as well, and are not repeated then", async () => {
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

  it("--key and --prefix are those of the app", async () => {
    const { stdout } = await go("status --key {other} --prefix shop:");
    expect(stdout).toContain("none follows the move");
    expect(stdout).toContain("keys shop:*");
    expect(stdout).toContain("--prefix shop: --key '{other}'");
  });
});
