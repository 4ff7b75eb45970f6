/** `--serializer`, `--source` and `--processes`, from the command line to what is in the stores. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RedisClientType } from "redis";
import { useRedis } from "../support/servers/use-redis.js";
import { buildCommand, paste, runCommand } from "./command.js";
import { openSite, save, type MovingSite } from "./moving-site.js";

const folder = mkdtempSync(join(tmpdir(), "holdfast-command-modules-"));
const file = (name: string) => join(folder, name);
const base64 = {
  stringify: (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64"),
  parse: (text: string) => JSON.parse(Buffer.from(text, "base64").toString()),
};

const server = useRedis();
let client: RedisClientType;
let site: MovingSite;
beforeAll(async () => {
  await buildCommand();
  writeFileSync(
    file("serializer.mjs"),
    `export const serializer = {
      stringify: (value) => Buffer.from(JSON.stringify(value)).toString("base64"),
      parse: (text) => JSON.parse(Buffer.from(text, "base64").toString()),
    };`,
  );
  writeFileSync(file("half.mjs"), "export default { parse() {}, check() {} };");
  writeFileSync(file("throws.mjs"), 'throw new Error("secret-text");');
  writeFileSync(file("opens.cjs"), 'module.exports = async () => { throw new Error("secret-text"); };');
  writeFileSync(
    file("breaks.mjs"),
    `const no = async () => { throw new Error("row of secret-text"); };
    export const source = { check: async () => {}, count: no, rows: no, find: no, write: no, remove: no, close: no };
    setInterval(() => {}, 1000); // as a pool that nobody closes`,
  );
  client = await server.client();
}, 120_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => client.flushAll());
afterEach(() => site?.close());

const run = (...args: string[]) => runCommand(["migrate", ...args, "--redis", server.url]);

describe("--serializer", { timeout: 180_000 }, () => {
  it("is required if the app has a serializer of its own, and writes what the app can read", async () => {
    site = await openSite(server, { serializer: base64 });
    site.fill(10);
    const from = ["--from", site.from];
    const refused = await run("start", ...from);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("with --serializer.")]);
    const own = [...from, "--serializer", file("serializer.mjs")];
    for (const step of ["start", "backfill", "verify", "set 100", "verify"])
      expect({ step, ...(await run(...step.split(" "), ...own)) }).toMatchObject({ step, code: 0 });
    expect(base64.parse((await client.get("sess:visitor-000003"))!)).toMatchObject({ n: 3 });
    expect(await site.redis.get("visitor-000003")).toMatchObject({ n: 3 });
    await save(site.store, "made-in-redis", { cart: 1 });
    const back = await run("rollback", ...own);
    expect(back).toMatchObject({ code: 0 });
    expect(site.file.prepare("SELECT sid, sess FROM sessions WHERE sid = 'made-in-redis'").all()).toMatchObject([
      { sess: expect.stringContaining('"cart":1') },
    ]);
  });

  it("is refused if the app has none", async () => {
    site = await openSite(server);
    const { code, stderr } = await run("start", "--from", site.from, "--serializer", file("serializer.mjs"));
    expect([code, stderr]).toEqual([1, expect.stringContaining("Omit --serializer.")]);
  });
});

describe("--source", { timeout: 180_000 }, () => {
  it("replaces --from in all steps and in suggested commands; a source that keeps the process busy does not keep the command running", async () => {
    site = await openSite(server);
    site.fill(10);
    writeFileSync(
      file("source.mjs"),
      `import { createRequire } from "node:module";
      const Database = createRequire(${JSON.stringify(import.meta.url)})("libsql");
      export function source() {
        const db = new Database(${JSON.stringify(site.from.slice("sqlite:".length))});
        setInterval(() => {}, 1000);
        const row = ({ sid, sess, expire }) => ({ sid, text: sess, expires: Date.parse(expire) });
        const find = async (sids) => {
          const rows = sids.flatMap((sid) => db.prepare("SELECT * FROM sessions WHERE sid = ?").all(sid));
          return new Map(rows.map((one) => [one.sid, row(one)]));
        };
        return {
          name: "our own table",
          check: async () => {},
          count: async () => db.prepare("SELECT count(*) AS n FROM sessions").get().n,
          rows: async (after, limit) =>
            db.prepare("SELECT * FROM sessions WHERE sid > ? ORDER BY sid LIMIT ?").all(after ?? "", limit).map(row),
          find,
          write: async (rows) => {
            const put = db.prepare("INSERT OR REPLACE INTO sessions (sid, sess, expire) VALUES (?, ?, ?)");
            for (const { sid, text, expires } of rows) put.run(sid, text, new Date(expires).toISOString());
          },
          remove: async (sids) => {
            for (const sid of sids) db.prepare("DELETE FROM sessions WHERE sid = ?").run(sid);
          },
          close: async () => void db.close(),
        };
      }`,
    );
    let ended = await run("start", "--source", file("source.mjs"));
    for (const step of ["backfill", "verify", "set 10"]) {
      const next = new RegExp(`^ {2}(npx holdfast migrate ${step} .+)$`, "m").exec(ended.stdout)?.[1];
      expect({ step, ...ended, next }).toMatchObject({ code: 0, next: expect.stringContaining("--source") });
      ended = await paste(next!);
    }
    expect(ended.code).toBe(0);
    expect(await site.redis.length()).toBe(10);
    expect((await run("rollback", "--source", file("source.mjs"))).stdout).toContain(
      "Updating our own table from Redis",
    );
  });

  it.each([
    ["verify", "breaks.mjs", 1, /failed\. --verbose shows its text\./],
    ["verify", "half.mjs", 2, "its export has no count, rows, find, write, remove, close."],
    ["verify", "throws.mjs", 2, "it cannot be loaded; --verbose shows why."],
    ["verify", "opens.cjs", 2, "its exported function failed; --verbose shows why."],
    ["verify", "nowhere.mjs", 2, "there is no such module."],
  ])("%s with %s: one sentence that does not quote the error", async (step, name, expected, sentence) => {
    const { code, stderr, signal } = await run(step, "--source", file(name));
    expect([code, signal, stderr.trim().split("\n").length]).toEqual([expected, null, 1]);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/secret-text|\n\s+at /);
  });

  it.each(["--from sqlite:x", "--table x", "--schema x", "--columns sid=x"])(
    "cannot be combined with %s",
    async (other) => {
      const { code, stderr } = await run("status", "--source", file("breaks.mjs"), ...other.split(" "));
      expect([code, stderr.trim().split("\n").length]).toEqual([2, 1]);
      expect(stderr).toMatch(/--source.+(cannot be used with|cannot be combined)/);
    },
  );
});

describe("--processes and --without-app", { timeout: 120_000 }, () => {
  it("start is refused if the number of processes is different, and runs if it matches", async () => {
    site = await openSite(server);
    const start = (...args: string[]) => run("start", "--from", site.from, ...args);
    for (const args of [[], ["--dry-run"]]) {
      const { code, stderr } = await start("--processes", "2", ...args);
      expect([code, stderr]).toEqual([1, expect.stringContaining("1 process follows the move, but --processes is 2.")]);
    }
    expect((await start("--processes", "1", "--without-app")).code).toBe(2);
    expect((await start("--processes", "none")).code).toBe(2);
    expect((await site.control.read()).phase).toBe("off");
    expect((await start("--processes", "1")).code).toBe(0);
  });

  it("options that have no effect at a step are incorrect usage", async () => {
    site = await openSite(server);
    const from = ["--from", site.from];
    const many = await run("verify", "--end-many", ...from);
    expect([many.code, many.stderr]).toEqual([2, expect.stringContaining("--end-many requires --repair")]);
    for (const [step, option] of [
      ["backfill", "--end-many"],
      ["set 10", "--accept-times"],
      ["start", "--accept-loss"],
      ["finish", "--without-app"],
      ["verify", "--force"],
    ] as const)
      expect([step, (await run(...step.split(" "), option, ...from)).code]).toEqual([step, 2]);
  });
});
