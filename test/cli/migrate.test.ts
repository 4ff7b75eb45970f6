/** `holdfast migrate`, run as a program: the way there, the way back, what is refused, and what is said. */
import { beforeEach, describe, expect, it } from "vitest";
import { client, everything, go, migrate, nextOf, rows, site, stepOf } from "./command-on-site.js";
import { paste, type Ended } from "./command.js";
import { save } from "./moving-site.js";

describe("a complete migration", () => {
  it("each step suggests the next command, which works when pasted", async () => {
    site.fill(600);
    const steps: (string | undefined)[] = [];
    let ended = await migrate("status");
    expect(ended.stdout).toContain("not begun; the app uses only its old store");
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
    expect(stdout).toMatch(/^Move +finished, begun .+ ago; only Redis is used$/m);
    expect(stdout).toMatch(/^Processes +1 process follows the move$/m);
    expect(stdout).toMatch(/600 keys in Redis at redis:\/\/127\.0\.0\.1:\d+, keys sess:\*/);
    expect(stdout).toContain('600 rows in SQLite, table "sessions"');
  });

  it("each step prints what it will do and what it did", async () => {
    site.fill(3);
    expect((await go("start")).stdout).toMatch(
      /^From now on, every change is written to both stores\..+\nStarted: 1 process follows the move\./,
    );
    const { stdout } = await go("backfill");
    expect(stdout).toMatch(/^Copying the live sessions of SQLite, table "sessions" to Redis at .+, keys sess:\*\./);
    expect(stdout).toMatch(/^Copied 3 sessions of 3 rows in /m);
    expect((await go("backfill")).stdout).toContain("Copied 0 sessions of 3 rows");
    expect((await go("verify")).stdout).toContain("3 sessions are equal in both stores.\nNo differences.");
    expect((await go("set 10")).stdout).toContain(
      "Turning the dial from 0 to 10: then Redis is the home of 10% of the sessions.\nThe dial is at 10: 1 process follows the move.",
    );
    expect((await go("set 10")).stdout).toContain("The dial is already at 10.");
    expect((await go("status")).stdout).toContain("[##------------------] Redis is the home of 10% of the sessions");
  });

  it("skips rows that are not sessions, and identifies them by a hash", async () => {
    site.fill(1);
    site.file
      .prepare("INSERT INTO sessions VALUES ('secret-id', 'rubbish', ?)")
      .run(new Date(Date.now() + 1e6).toISOString());
    site.file.prepare("INSERT INTO sessions VALUES ('old', '{}', ?)").run(new Date(Date.now() - 1e6).toISOString());
    await go("start");
    const { stdout } = await go("backfill");
    expect(stdout).toContain("Skipped: 1 had expired; 1 is not a session: 2d4e223a.");
    expect(stdout).not.toContain("secret-id");
  });

  it("rolls back from 50% and after finish, including sessions created since", async () => {
    site.fill(20);
    for (const way of [
      ["verify", "set 50"],
      ["verify", "set 100", "verify", "finish"],
    ]) {
      await go("start", "backfill", ...way);
      await save(site.store, `new-${way.length}`, { cart: way });
      const ended = await go("rollback");
      expect(ended.stdout).toContain("Rolled back: the database has every session, and only it is used.");
      expect(stepOf(nextOf(ended))).toBe("start");
      expect(site.store.state.phase).toBe("off");
      expect(rows().map(({ sid }) => sid)).toContain(`new-${way.length}`);
    }
    expect(rows()).toHaveLength(22);
  });
});

describe("refusals: one sentence, exit code 1, nothing changed", () => {
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

  it("before the migration has begun", async () => {
    for (const step of ["set 10", "finish", "backfill", "verify --repair"])
      await expectRefused(step, /Run `npx holdfast migrate start --redis \S+ --from \S+` first\./);
    await expectRefused("rollback", "nothing to roll back");
  });

  it("start without a running process of the app, unless --without-app is given", async () => {
    await site.store.close();
    await expectRefused("start", "No process of the app follows the move");
    expect((await go("start --without-app")).stdout).toContain("Started: no process follows the move.");
  });

  it("while the migration is in progress", async () => {
    site.fill(5);
    await go("start");
    await expectRefused("start", "already begun");
    await expectRefused("finish", /The dial is at 0\. Run `npx holdfast migrate set 100 --redis .+` first\./);
    await go("backfill");
    await expectRefused("set 10", "have not been compared since this move began");
    await go("verify", "set 100");
    await expectRefused("finish", "have not been compared since the dial was turned");
    expect((await go("finish --accept-loss")).stdout).toContain("Finished: 1 process follows the move.");
    await expectRefused("set 50", "The move is finished");
    await expectRefused("backfill", "The move is finished");
    await expectRefused("verify --repair", "The move is finished");
  });

  it("after a process stopped reporting, until the stores have been compared", async () => {
    await go("start", "verify");
    const { now } = await site.control.read();
    const report = JSON.stringify({ host: "web-1", pid: 77, version: 1, pending: 3, overflowed: false });
    await client.hSet("{holdfast:move}:processes", "gone", `${now - 20_000} ${report}`);
    const { stdout } = await go("status");
    expect(stdout).toMatch(/web-1 77 .+3 changes waiting, no report for \d+ s, considered gone/);
    const turned = await migrate("set", "10");
    expect(turned).toMatchObject({ code: 1 });
    expect(turned.stderr).toMatch(
      /^Process 77 on web-1 stopped reporting\..+Run `npx holdfast migrate verify --repair --redis .+`, then try again\.\n$/,
    );
    await expectRefused("set 50", "stopped reporting");
    const page = await go("status");
    expect(page.stdout).toContain("In doubt   Process 77 on web-1 stopped reporting.");
    expect(stepOf(nextOf(page))).toBe("verify --repair");
    await go("verify --repair", "set 10");
  });

  it("a comparison also clears the doubt left by a silent process that no command had noticed", async () => {
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

  it("exits with 1 if the stores differ, and changes nothing", async () => {
    const before = await everything();
    const { code, stdout } = await migrate("verify");
    expect(code).toBe(1);
    expect(stdout).toContain("8 sessions are equal in both stores.");
    expect(stdout).toContain("3 differences: 1 differs, 1 only in the database, 1 only in Redis; ");
    expect(stdout).not.toContain("visitor-");
    expect(await everything()).toEqual(before);
  });

  it("repairs the differences, and then finds none", async () => {
    const { stdout } = await go("verify --repair");
    expect(stdout).toContain("Repaired: 3.");
    expect(stepOf(nextOf({ stdout } as Ended))).toBe("set 10");
    expect(await client.get("sess:visitor-000004")).toContain('"n":4');
    expect((await go("verify")).stdout).toContain("No differences.");
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

  it("at every step", async () => {
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
    expect(stdout).toContain("Sessions to update: 1; it would write 1 into Redis.");
  });

  it("shows how many sessions a backfill would copy", async () => {
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

  it("for differences, refusals and incorrect usage", async () => {
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
