/** What the command says, without Redis: the page, the next step, what is in the way, addresses, the bar. */
import { PassThrough } from "node:stream";
import { CommanderError } from "commander";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { commandFor, withCommands } from "../../lib/cli/command-line.js";
import { describeFailure, UsageError } from "../../lib/cli/failure.js";
import { nextSteps, obstacle, type StepName } from "../../lib/migrate/state/machine.js";
import type { Snapshot } from "../../lib/cli/migrate/snapshot.js";
import { statusPage } from "../../lib/cli/migrate/status-page.js";
import { sayWaiting } from "../../lib/cli/migrate/waiting.js";
import { backfillSummary, verifySummary } from "../../lib/cli/migrate/summaries.js";
import { Pace } from "../../lib/cli/progress/pace.js";
import { barLine, progressLine } from "../../lib/cli/progress/progress-line.js";
import { showProgress } from "../../lib/cli/progress/progress.js";
import { redactText, redactUrl } from "../../lib/cli/redact.js";
import { bar, span } from "../../lib/cli/words.js";
import { shellWord } from "../../lib/ops/shell-word.js";
import { codes, HoldfastError } from "../../lib/errors/index.js";

afterEach(() => vi.restoreAllMocks());

const snapshot = (some: Partial<Snapshot> = {}): Snapshot => ({
  isReturning: false,
  isTurning: false,
  isBackfilling: false,
  isFollowed: true,
  store: undefined,
  phase: "moving",
  dial: 0,
  other: undefined,
  isCopying: false,
  isComplete: false,
  version: 7,
  startedAt: 1_000_000,
  verified: undefined,
  doubt: undefined,
  now: 1_000_000 + 7_500_000,
  processes: [process()],
  pending: 0,
  unmirrored: 0,
  backfilled: undefined,
  ...some,
});
const process = (some = {}) => ({
  id: "a",
  host: "web-1",
  pid: 4711,
  version: 7,
  pending: 0,
  overflowed: false,
  silentFor: 0.31,
  ...some,
});
const redis = { name: "Redis at redis://127.0.0.1:6379, keys sess:*", sessions: 12_034 };

describe("status", () => {
  it("shows everything from the phase to the number of sessions", () => {
    const legacy = { name: 'PostgreSQL, table "session"', sessions: 12_100 };
    expect(statusPage(snapshot({ dial: 50, verified: 5 }), { redis, legacy })).toEqual([
      "Move       phase 2 of 4, gradual, begun 2 h 5 min ago",
      "Dial       [##########----------] Redis is the home of 50% of the sessions",
      "Compared   not since the last step",
      "Copies     no change is waiting to be copied",
      "Processes  1 process follows the move",
      "           web-1 4711             up to date, last report 0.3 s ago",
      "Sessions   12,034 keys in Redis at redis://127.0.0.1:6379, keys sess:* (including tombstones of ended sessions)",
      '           12,100 rows in PostgreSQL, table "session" (including expired ones)',
    ]);
  });

  it("shows what is wrong", () => {
    const page = statusPage(
      snapshot({
        other: 50,
        dial: 10,
        doubt: "Process 3 on web-2 stopped reporting.",
        pending: 12,
        unmirrored: 1,
        backfilled: 1500,
        processes: [process({ version: 6, pending: 12 }), process({ pid: 5, overflowed: true, silentFor: 15 })],
      }),
      { redis: { ...redis, isAtLeast: true }, legacy: { name: "Database", problem: "It is away." } },
    ).join("\n");
    for (const line of [
      "phase 1 of 4, parallel writes",
      "Redis is the home of 10% of the sessions; a turn was interrupted between 10 and 50",
      "In doubt   Process 3 on web-2 stopped reporting. Recent changes may be in only one of the stores.",
      "Backfill   interrupted after 1,500 rows",
      "12 changes are waiting to be copied; 1 session newer in Redis than in the database; 1 process has missed more changes than can be remembered",
      "2 processes follow the move, 2 not up to date",
      "not at the newest step yet, 12 changes waiting, last report 0.3 s ago",
      "up to date, missed more changes than it can remember, no report for 15 s, considered gone",
      "more than 12,034 keys",
      "Database: It is away.",
    ])
      expect(page).toContain(line);
  });

  it.each([
    [
      { phase: "off" as const, processes: [] },
      "not begun; the app uses only its old store",
      "no process follows the move",
    ],
    [{ dial: 10, verified: 7 }, "phase 1 of 4, parallel writes", "Compared   yes, both stores are equal"],
    [{ dial: 11 }, "phase 2 of 4, gradual", "Compared   not yet"],
    [{ dial: 100 }, "phase 3 of 4, full", "[####################] Redis is the home of 100% of the sessions"],
    [
      { phase: "finished" as const, dial: 100, verified: 6 },
      "finished, begun",
      "Compared   yes, before the move was finished",
    ],
  ])("%j", (some, ...lines) => {
    const page = statusPage(snapshot(some), { redis }).join("\n");
    for (const line of lines) expect(page).toContain(line);
  });
});

describe("next steps", () => {
  it.each<[Partial<Snapshot>, (string | undefined)[]]>([
    [{ phase: "off" }, ["start"]],
    [{ phase: "off", isFollowed: false }, [undefined, "start"]],
    [{}, ["backfill", "verify"]],
    [{ backfilled: 500 }, ["backfill"]],
    [{ verified: 7 }, ["set 10"]],
    [{ verified: 7, dial: 10 }, ["set 50"]],
    [{ verified: 5, dial: 30 }, ["set 50"]],
    [{ verified: 5, dial: 50 }, ["set 100"]],
    [{ dial: 100, verified: 6 }, ["verify"]],
    [{ dial: 10 }, ["backfill", "verify"]],
    [{ dial: 0, other: 10, verified: 6 }, ["set 0", "set 10"]],
    [{ dial: 100, verified: 7 }, ["finish"]],
    [{ dial: 100, verified: 7, doubt: "A process went." }, ["verify --repair"]],
    [{ verified: 5, dial: 10, other: 50 }, ["set 10", "set 50"]],
    [{ phase: "finished", dial: 100 }, [undefined, "rollback"]],
    [{ isReturning: true, isComplete: true, dial: 100 }, ["rollback"]],
    [{ isReturning: true, dial: 50, other: 0, doubt: "A process went." }, ["rollback"]],
    [{ isComplete: true, dial: 100, backfilled: 500 }, ["verify --repair"]],
    [{ verified: 5, dial: 10, other: 50, isTurning: true }, [undefined]],
  ])("%j", (some, steps) => {
    expect(nextSteps(snapshot(some)).map(({ step }) => step)).toEqual(steps);
  });

  it("are never steps that would be refused", () => {
    const anywhere = fc.record({
      phase: fc.constantFrom("off" as const, "moving" as const, "finished" as const),
      dial: fc.integer({ min: 0, max: 100 }),
      other: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
      verified: fc.constantFrom(undefined, 6, 7),
      doubt: fc.constantFrom(undefined, "A process went."),
      backfilled: fc.constantFrom(undefined, 500),
      isComplete: fc.boolean(),
      isReturning: fc.boolean(),
      isTurning: fc.boolean(),
    });
    fc.assert(
      fc.property(anywhere, (some) => {
        for (const { step } of nextSteps(snapshot(some))) {
          if (!step || step === "verify") continue;
          const name = step === "verify --repair" ? "repair" : (step.split(" ")[0] as StepName);
          expect({ step, why: obstacle(name, snapshot(some), { target: Number(step.split(" ")[1] ?? 0) }) }).toEqual({
            step,
          });
        }
      }),
    );
  });
});

describe("suggested commands", () => {
  it("repeat the options of this command, quoted for the shell", () => {
    const typed = { redis: "redis://db:6379", from: "sqlite:/srv/my site/s.db", key: "{move}", table: "it's" };
    expect(commandFor("set 10", { typed, hasSource: true })).toBe(
      `npx holdfast migrate set 10 --redis redis://db:6379 --key '{move}' --from 'sqlite:/srv/my site/s.db' --table 'it'\\''s'`,
    );
  });

  it("repeat --accept-times, for steps that check the times", () => {
    const given = { typed: { acceptTimes: "" }, hasSource: true };
    expect(commandFor("verify --repair", given)).toBe("npx holdfast migrate verify --repair --accept-times");
    expect(commandFor("set 10", given)).toBe("npx holdfast migrate set 10");
    expect(withCommands("Run `holdfast migrate rollback` again.", given)).toContain("rollback --accept-times`");
  });

  it("contain a placeholder for a database that is not known", () => {
    expect(commandFor("set 10", { typed: {}, hasSource: false })).toBe("npx holdfast migrate set 10");
    expect(commandFor("verify", { typed: {}, hasSource: false })).toMatch(/verify --from postgres:/);
  });

  it("are inserted into sentences that name a step", () => {
    const given = { typed: { redis: "redis://db:6379", tls: "", tlsCa: "/ca.pem" }, hasSource: true };
    const sentence =
      "Run `holdfast migrate set 10` or `set 20`, then `verify --repair --leave-behind`; `--end-many` is `yours`.";
    expect(withCommands(sentence, given)).toBe(
      "Run `npx holdfast migrate set 10 --redis redis://db:6379 --tls --tls-ca /ca.pem` or `npx holdfast migrate set 20 --redis redis://db:6379 --tls --tls-ca /ca.pem`, then `npx holdfast migrate verify --repair --leave-behind --redis redis://db:6379 --tls --tls-ca /ca.pem`; `--end-many` is `yours`.",
    );
    expect(withCommands(sentence, { typed: {}, hasSource: true })).toBe(sentence);
  });

  it.each(["a b", "$HOME", "{x}", "'", "", "a\\b", "*"])("a shell reads %j as one word", (text) => {
    expect(shellWord(text)).toMatch(/^'.*'$/);
  });
});

describe("secrets are not shown", () => {
  it.each([
    ["redis://:hush@h:1/0", "redis://:***@h:1/0"],
    ["postgres://u:hu%40sh@h/d?sslpassword=hush&x=1", "postgres://u:***@h/d?sslpassword=***&x=1"],
    ["mysql://u:hush@h:bad/d", "***"],
    ["sqlite:/srv/a.db", "sqlite:/srv/a.db"],
    ["postgres://h/d", "postgres://h/d"],
    ["unix:///run/redis.sock", "unix:///run/redis.sock"],
    ["postgres:/u:hush@h/d", "***"],
    ["postgres:u:hush@h/d", "***"],
    ["u:hush@h/d", "***"],
    ["hush", "***"],
  ])("%s", (url, shown) => expect(redactUrl(url)).toBe(shown));

  const addresses = fc.tuple(
    fc.constantFrom("postgres://", "mysql://", "redis://", "rediss://", "postgres:/", "postgres:", ""),
    fc.constantFrom("u", "app-user", "u%40x"),
    fc.stringMatching(/^[\w@:?#&=.,+%!$*-]{0,5}hush[\w@:/?#&=.,+%!$*-]{0,5}$/),
    fc.constantFrom("h", "127.0.0.1:5432", "[::1]:6379"),
  );

  it("in an address within a text, whatever characters the password has", () => {
    fc.assert(
      fc.property(addresses, fc.constantFrom("", "'", '"'), ([scheme, user, password, host], quote) => {
        const text = `Unknown option ${quote}--form=${scheme}${user}:${password}@${host}/d${quote}. See --help.`;
        expect(redactText(text)).not.toContain("hush");
        expect(redactText(text)).toMatch(/^Unknown option .*See --help\.$/);
      }),
    );
  });

  it.each([
    ["'postgres://u:hu sh@h/d'", "'postgres://u:***@h/d'"],
    ["postgres://h/d?user=u&password=hush&x=1 failed", "postgres://h/d?user=u&password=***&x=1 failed"],
    ['"mysql://h/d?ssl-token=hush"', '"mysql://h/d?ssl-token=***"'],
    ["at file:///a/node_modules/@redis/b.js:12:3", "at file:///a/node_modules/@redis/b.js:12:3"],
    ["at C:\\a\\@redis\\b.js:12:3", "at C:\\a\\@redis\\b.js:12:3"],
    [
      "It can't be read: ask ada@example.org, who's at h:5432.",
      "It can't be read: ask ada@example.org, who's at h:5432.",
    ],
  ])("inside a text: %s", (text, shown) => expect(redactText(text)).toBe(shown));

  it("in the command that is suggested, wherever they were typed", () => {
    for (const name of ["redis", "from", "source", "table", "serializer", "tlsCa", "cluster"]) {
      for (const value of [
        "postgres://u:hush@h/d",
        "postgres:/u:hush@h",
        "u:hush@h",
        "postgres://u:hu'sh@h",
        "mysql://u:hu hush@h",
      ])
        expect(commandFor("start", { typed: { [name]: value }, hasSource: true })).not.toContain("hush");
    }
  });

  it("inside a text", () => {
    expect(redactText("connect to postgres://app:hush@h/d or redis://:hush@h failed")).toBe(
      "connect to postgres://app:***@h/d or redis://:***@h failed",
    );
    expect(redactText("Write it as redis://user:password@host:6379/0.")).toContain("user:password@host");
  });
});

describe("failures", () => {
  it.each([
    [new HoldfastError(codes.MOVE_REFUSED, "No. Do this."), { message: "No. Do this.", exitCode: 1 }],
    [new HoldfastError(codes.OPTION_INVALID, "No."), { message: "No.", exitCode: 2 }],
    [
      new HoldfastError(codes.SOURCE_FAILED, "It failed (X1). Its text is in `cause`."),
      { message: "It failed (X1). --verbose shows its text.", exitCode: 1 },
    ],
    [
      new HoldfastError(codes.SOURCE_TABLE, "There is none."),
      { message: "There is none. (--table, --schema, --columns)", exitCode: 1 },
    ],
    [
      new CommanderError(1, "commander.unknownOption", "error: unknown option '--x'\n(Did you mean --y?)"),
      { message: "Unknown option '--x'; did you mean --y? See --help.", exitCode: 2 },
    ],
    [
      new CommanderError(1, "commander.unknownOption", "error: unknown option '--fix'\n(Did you mean --prefix?)"),
      { message: "Unknown option '--fix'; did you mean --repair? See --help.", exitCode: 2 },
    ],
    [
      new CommanderError(1, "commander.unknownOption", "error: unknown option '--force'"),
      {
        message: "There is no --force: a refusal that can be overridden names the option to use. See --help.",
        exitCode: 2,
      },
    ],
    [new UsageError("That is wrong."), { message: "That is wrong. See --help.", exitCode: 2 }],
    [
      new TypeError("x is not\n a function"),
      { message: "X is not a function. This error was not expected; --verbose shows where it came from.", exitCode: 1 },
    ],
  ])("%s", (error, expected) => expect(describeFailure(error)).toMatchObject(expected));
});

describe("summaries", () => {
  const copied = {
    total: 4,
    read: 4,
    copied: 1,
    there: 1,
    expired: 1,
    unreadable: ["ab"],
    unreadableCount: 1,
    isComplete: true,
  };
  it("of a backfill", () => {
    expect(backfillSummary(copied, 2, false)).toEqual([
      "Copied 1 session of 4 rows in 2 s, 2 per second.",
      "Skipped: 1 was already in Redis, or had ended there; 1 had expired; 1 is not a session: ab.",
    ]);
    const labels = Array.from({ length: 100 }, (_, i) => `l${i}`);
    const many = backfillSummary({ ...copied, there: 2, unreadable: labels, unreadableCount: 250 }, 0, true).join();
    expect(many).toContain("Would copy 1 session of 254 rows in 0 s.");
    expect(many).toContain("2 were already in Redis");
    expect(many).toContain("250 are not sessions: l0, l1, l2, l3, l4, l5, l6, l7, l8, l9 and 240 more");
  });

  it("of a comparison", () => {
    const none = {
      total: 1,
      read: 1,
      keys: 1,
      same: 1,
      unreadableInRedis: 0,
      failed: 0,
      leftBehind: [],
      plan: { put: 0, write: 0, bury: 0, remove: 0, rows: 1, keys: 1 },
      differing: 0,
      onlyLegacy: 0,
      onlyRedis: 0,
      repaired: 0,
      unreadable: 0,
      examples: [],
      isComplete: true,
    };
    expect(verifySummary(none)).toEqual(["1 session is equal in both stores.", "No differences."]);
    expect(
      verifySummary({ ...none, differing: 1, onlyRedis: 2, repaired: 3, unreadable: 1, examples: ["a", "b", "c"] }),
    ).toEqual([
      "1 session is equal in both stores.",
      "1 row is not a session and was not compared.",
      "3 differences: 1 differs, 2 only in Redis; a, b, c.",
      "Repaired: 3.",
    ]);
    expect(verifySummary({ ...none, unreadableInRedis: 2, leftBehind: ["a", "b"] })[1]).toBe(
      "2 values in Redis cannot be read as sessions and were skipped: a, b.",
    );
    expect(verifySummary({ ...none, differing: 1, failed: 1, examples: ["a"], leftBehind: ["a"] })[2]).toBe(
      "Rejected by the other store and left behind: 1; a.",
    );
  });
});

describe("waiting", () => {
  it("is reported after a while, each time anew", () => {
    const lines: string[] = [];
    const now = vi.spyOn(performance, "now");
    const onWait = sayWaiting((line) => lines.push(line));
    for (const at of [0, 500, 1000, 1500, 2000, 2500, 9000, 9500, 10_000]) {
      now.mockReturnValue(at);
      onWait(`it, at ${at}`);
    }
    expect(lines).toEqual(["Waiting for it, at 2000 …"]);
  });
});

describe("progress", () => {
  it("shows the current rate and the time left", () => {
    const pace = new Pace();
    pace.note(0, 0);
    expect(progressLine({ read: 0, total: 1000 }, pace)).toBe("  0 %  0 of 1,000 rows");
    pace.note(100, 10_000);
    pace.note(600, 20_000);
    expect(progressLine({ read: 600, total: 3100 }, pace)).toBe(" 19 %  600 of 3,100 rows  30/s  1 min 24 s left");
    pace.note(2600, 40_000); // 100 a second, in the last 20 seconds
    expect(progressLine({ read: 2600, total: 3100 }, pace)).toContain("100/s  5 s left");
    expect(barLine({ read: 2600, total: 3100 }, pace, 100)).toMatch(/^\[#{23}-{5}\] {2}83 %/);
  });

  it("does not exceed 100%, and copes with a total of zero", () => {
    const pace = new Pace();
    pace.note(0, 0);
    pace.note(120, 1000);
    expect(progressLine({ read: 120, total: 100 }, pace)).toBe("100 %  120 of 120 rows");
    expect(barLine({ read: 0, total: 0 }, new Pace())).toMatch(/^\[#{28}\] 100 %/);
  });

  it("drops the least important parts on a narrow terminal", () => {
    const pace = new Pace();
    pace.note(0, 0);
    pace.note(420_000, 80_000);
    const done = { read: 420_000, total: 1_000_000 };
    for (const columns of [40, 50, 60, 70, 80]) {
      const line = barLine(done, pace, columns);
      expect(line.length).toBeLessThanOrEqual(columns);
      expect(line).toContain("5,250/s  1 min 51 s left");
    }
  });

  it("includes the keys that are checked after all rows", () => {
    const lines: string[] = [];
    const now = vi.spyOn(performance, "now").mockReturnValue(0);
    const progress = showProgress({ terminal: {} as never, say: (line) => lines.push(line) }, 0);
    for (const [at, read, keys] of [
      [1000, 100, 0],
      [7000, 100, 500],
      [13_000, 100, 6500],
    ] as const) {
      now.mockReturnValue(at);
      progress.update({ read, total: 100, keys });
    }
    expect(lines).toEqual([
      "100 %  100 of 100 rows",
      "all rows; 500 Redis keys",
      "all rows; 6,500 Redis keys  1,000/s",
    ]);
  });

  it("is a bar on a terminal, and is erased at the end", () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
    const progress = showProgress({ terminal: terminal as never, say: () => expect.unreachable() }, 0);
    progress.update({ read: 50, total: 100 });
    progress.end();
    const drawn = String(terminal.read());
    expect(drawn).toContain("[##############--------------]  50 %  50 of 100 rows");
    expect(drawn).not.toContain("\n");
  });

  it("is a line every five seconds if the output is a pipe", () => {
    const lines: string[] = [];
    const now = vi.spyOn(performance, "now").mockReturnValue(0);
    const progress = showProgress({ terminal: {} as never, say: (line) => lines.push(line) }, 0);
    for (let second = 1; second <= 12; second++) {
      now.mockReturnValue(second * 1000);
      progress.update({ read: second * 10, total: 1000 });
    }
    expect(lines.map((line) => line.slice(0, 6).trim())).toEqual(["1 %", "6 %", "11 %"]);
  });
});

describe("wording", () => {
  it.each([
    [0.04, "0 s"],
    [3.14, "3.1 s"],
    [9.97, "10 s"],
    [200, "3 min 20 s"],
    [3600, "1 h"],
    [3605, "1 h"],
    [90_061, "1 d 1 h"],
  ])("%d seconds is %s", (seconds, text) => expect(span(seconds)).toBe(text));

  it("a bar has the requested width", () => {
    expect([bar(0, 4), bar(0.5, 4), bar(2, 4)]).toEqual(["[----]", "[##--]", "[####]"]);
  });
});
