/** Tables of many stores: each is read, written back in its own form, and proven before a move begins. */
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import mysql from "mysql2/promise";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { openSource, proveTimes, proveWritable, type Row, type Source } from "../../../lib/migrate/sources/source.js";
import { mariadbMissing, startMariadb } from "../../support/servers/mariadb-server.js";
import { poolOf, startPostgres } from "../../support/servers/postgres-server.js";
import { inMysql, inPostgres, inSqlite, type StoreShape } from "./store-shapes.js";

process.env["TZ"] = "Australia/Adelaide";
const hour = 3_600_000;
type Values = (string | number)[];
interface Place {
  url: string;
  run(sql: string, values?: Values): Promise<any[]>;
  stop(): Promise<void>;
}

const places: { name: string; shapes: StoreShape[]; start(): Promise<Place>; missing?: string | undefined }[] = [
  { name: "PostgreSQL", shapes: inPostgres, start: startPostgresPlace },
  { name: "MariaDB", shapes: inMysql, start: startMariadbPlace, missing: mariadbMissing },
  { name: "SQLite", shapes: inSqlite, start: startSqlitePlace },
];

for (const { name, shapes, start, missing } of places)
  describe.skipIf(missing && !process.env["CI"])(`sessions in ${name}`, () => {
    let place: Place;
    let n = 0;
    const opened: Source[] = [];
    const open = async (table: string, options: object = {}) => {
      const source = await openSource({ url: place.url, table, ...options });
      opened.push(source);
      await source.check();
      return source;
    };
    beforeAll(async () => {
      place = await start();
    }, 60_000);
    afterEach(async () => {
      vi.useRealTimers();
      for (const source of opened.splice(0)) await source.close();
    });
    afterAll(() => place?.stop());

    describe.each(shapes)("$name", (shape) => {
      const alive = async (sid: string, at = new Date()) => (await place.run(...shape.read(sid, at)))[0]?.text;
      const write = async (sid: string, end: Date) => place.run(...shape.write(sid, rowOf(sid, end).text, end));
      beforeAll(async () => {
        for (const sql of shape.make) await place.run(sql);
      });
      afterAll(async () => {
        const quote = name === "MariaDB" ? "`" : '"';
        await place.run(`DROP TABLE ${quote}${shape.table}${quote}`);
      });

      it("rows are read, written and removed as the store does, and the checks before a move pass", async () => {
        const end = new Date(Math.ceil(Date.now() / 1000) * 1000 + 2 * hour);
        for (let i = 0; i < 5; i++) await write(`there-${i}`, end);
        await write("over", new Date(Date.now() - 5000));
        const source = await open(shape.table);
        const rows = await source.rows(undefined, 10);
        expect(rows.map(({ sid }) => sid)).toEqual(["over", ...Array.from({ length: 5 }, (_, i) => `there-${i}`)]);
        for (const row of rows.slice(1)) expect(row.expires).toBe(end.getTime());
        expect(rows[0]!.expires).toBeLessThan(Date.now());
        await proveTimes(source);
        await proveWritable(source);
        expect(await source.count()).toBe(6);

        const soon = new Date(Date.now() + hour);
        expect(await source.write([rowOf("new", soon), rowOf("there-1", soon), rowOf("dead", new Date(0))])).toEqual(
          [],
        );
        for (const sid of ["new", "there-1"]) {
          expect(JSON.parse(await alive(sid))).toMatchObject({ user: sid });
          expect(await alive(sid, new Date(soon.getTime() - 5000))).toBeDefined();
          expect(await alive(sid, new Date(soon.getTime() + 5000))).toBeUndefined();
        }
        expect(await alive("dead")).toBeUndefined();
        await source.remove(["new", "there-0", "nobody"]);
        expect([await alive("new"), await alive("there-0")]).toEqual([undefined, undefined]);
        expect(await alive("there-2")).toBeDefined();
      });

      it.runIf(shape.end)("a session that the store marked as removed is absent", async () => {
        await write("ended", new Date(Date.now() + hour));
        await place.run(...shape.end!("ended"));
        const source = await open(shape.table);
        expect((await source.find(["ended"])).size).toBe(0);
        expect((await source.rows(undefined, 100)).map(({ sid }) => sid)).not.toContain("ended");
        expect(await alive("ended")).toBeUndefined();
      });

      it("if this machine's clock is hours off, lifetimes follow the database's clock", async (test) => {
        test.skip(name === "SQLite", "its clock is this machine's");
        const end = Date.now() + hour;
        await write("clock", new Date(end));
        vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3 * hour });
        const source = await open(shape.table);
        const row = (await source.find(["clock"])).get("clock")!;
        expect(Math.abs(row.expires - Date.now() - hour)).toBeLessThan(5000);
        await proveTimes(source);
        await proveWritable(source);
        await source.write([rowOf("clock", new Date(Date.now() + hour))]);
        vi.useRealTimers();
        expect(await alive("clock", new Date(end - 5000))).toBeDefined();
        expect(await alive("clock", new Date(end + 10_000))).toBeUndefined();
      });
    });

    it("whether the database accepts nothing but JSON is known by the column's type", async () => {
      const types = { PostgreSQL: ["json", "jsonb", "text"], MariaDB: ["json", "text"], SQLite: ["JSON", "TEXT"] }[
        name
      ]!;
      const strict: string[] = [];
      for (const type of types) {
        const table = `json_${++n}`;
        await place.run(`CREATE TABLE ${table} (sid varchar(40) PRIMARY KEY, sess ${type}, expires bigint)`);
        if (!(await open(table)).hasOnlyJson) continue;
        strict.push(type);
        await expect(place.run(`INSERT INTO ${table} VALUES ('a', '{', 1)`)).rejects.toThrow(/json/i);
      }
      expect(strict).toEqual(name === "PostgreSQL" ? ["json", "jsonb"] : []);
    });

    it("a row that cannot be stored does not keep others from being stored", async () => {
      const table = `bad_${++n}`;
      // The strictest columns that there are for this.
      const columns = {
        PostgreSQL: "sid varchar(40) PRIMARY KEY, sess jsonb NOT NULL, expire timestamp NOT NULL",
        MariaDB:
          "sid varchar(40) CHARACTER SET latin1 COLLATE latin1_bin PRIMARY KEY, data text CHARACTER SET utf8mb3 NOT NULL, expires int unsigned",
        SQLite: "sid TEXT PRIMARY KEY, sess JSON NOT NULL CHECK (length(sess) < 60000), expire TEXT NOT NULL",
      }[name]!;
      await place.run(`CREATE TABLE ${table} (${columns})`);
      const source = await open(table);
      const good = fc.stringMatching(/^[a-zA-Z ]{0,40}$/);
      const bad = fc.oneof(
        fc.constantFrom("a\0b", "\ud800", "x\udc00y", "😀", "ü".repeat(70_000), "\0", "\ud83d"),
        fc.string({ unit: "binary", maxLength: 20 }),
      );
      const sessions = fc.array(fc.oneof({ weight: 5, arbitrary: good }, { weight: 2, arbitrary: bad }), {
        minLength: 1,
        maxLength: 40,
      });
      await fc.assert(
        fc.asyncProperty(sessions, async (notes) => {
          const end = new Date(Math.ceil(Date.now() / 1000) * 1000 + hour);
          const rows = notes.map((note, i) => rowOf(`s${i}`, end, note));
          const left = (await source.write(rows)) ?? [];
          for (const { reason } of left) expect(reason).toMatch(/^(it|its|the|a|another)\b/);
          const back = await source.find(rows.map(({ sid }) => sid));
          const kept = rows.filter(({ sid }) => !left.some((one) => one.sid === sid));
          // What was taken is there to the letter, and the rest is told.
          for (const { sid, text } of kept) expect(JSON.parse(back.get(sid)!.text)).toEqual(JSON.parse(text));
          for (const [i, note] of notes.entries())
            if (/^[a-zA-Z ]*$/.test(note)) expect(left.map(({ sid }) => sid)).not.toContain(`s${i}`);
          await source.remove(rows.map(({ sid }) => sid));
          expect((await source.find(rows.map(({ sid }) => sid))).size).toBe(0);
        }),
        { numRuns: 25 },
      );
      // An id may be what is wrong, too.
      const odd = [
        rowOf("fine", new Date(Date.now() + hour)),
        rowOf("x\0y", new Date(Date.now() + hour)),
        rowOf("\ud800", new Date()),
      ];
      expect(((await source.write(odd)) ?? []).map(({ sid }) => sid).sort()).toEqual(["x\0y", "\ud800"].sort());
    });

    it("pages of large sessions have fewer rows, and each row comes once", async () => {
      const table = `large_${++n}`;
      const text = name === "MariaDB" ? "mediumtext" : "text";
      await place.run(
        `CREATE TABLE ${table} (sid varchar(40) PRIMARY KEY, data ${text}, expires ${name === "SQLite" ? "text" : "int"})`,
      );
      const source = await open(table);
      const end = new Date(Date.now() + hour);
      const rows = Array.from({ length: 30 }, (_, i) =>
        rowOf(`s${String(i).padStart(2, "0")}`, end, "x".repeat(1_500_000)),
      );
      expect(await source.write(rows)).toEqual([]);
      const again = await open(table);
      const read: string[] = [];
      for (let after: string | undefined; ; after = read.at(-1)) {
        const page = await again.rows(after, 30);
        if (page.length === 0) break;
        expect(page.length).toBeLessThan(15);
        read.push(...page.map(({ sid }) => sid));
      }
      expect(read).toEqual(rows.map(({ sid }) => sid));
    });

    it("concurrent writes of the same sessions in opposite order do not end in a deadlock", async () => {
      const table = `crossed_${++n}`;
      const type = name === "SQLite" ? "text" : "int";
      await place.run(`CREATE TABLE ${table} (sid varchar(40) PRIMARY KEY, data text, expires ${type})`);
      const [one, other] = [await open(table), await open(table)];
      const end = new Date(Date.now() + hour);
      const rows = Array.from({ length: 400 }, (_, i) => rowOf(`s${i}`, end, "x".repeat(200)));
      const turned = rows.toReversed();
      for (let round = 0; round < 3; round++) {
        const both = await Promise.all([one.write(rows), other.write(turned)]);
        expect(both).toEqual([[], []]);
      }
      expect(await one.count()).toBe(400);
    });

    it("in a case-insensitive column, no session overwrites another's row", async () => {
      const table = `folded_${++n}`;
      if (name === "PostgreSQL")
        await place.run("CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
      const columns = {
        PostgreSQL: "sid varchar COLLATE folded PRIMARY KEY, sess json, expire timestamp",
        MariaDB: "sid varchar(90) COLLATE utf8mb4_general_ci PRIMARY KEY, data text, expires int",
        SQLite: "sid TEXT COLLATE NOCASE PRIMARY KEY, sess TEXT, expire TEXT",
      }[name]!;
      await place.run(`CREATE TABLE ${table} (${columns})`);
      const source = await open(table);
      const ids = fc.uniqueArray(fc.stringMatching(/^[aAbB]{1,3}$/), { minLength: 1, maxLength: 8 });
      const end = new Date(Date.now() + hour);
      await fc.assert(
        fc.asyncProperty(ids, ids, async (first, second) => {
          await place.run(`DELETE FROM ${table}`);
          const owner = new Map<string, string>();
          for (const batch of [first, second]) {
            const left = (await source.write(batch.map((sid) => rowOf(sid, end)))) ?? [];
            for (const sid of batch) {
              const folded = sid.toLowerCase();
              if (!owner.has(folded)) owner.set(folded, sid);
            }
            const losers = batch.filter((sid) => owner.get(sid.toLowerCase()) !== sid);
            expect(left.map(({ sid }) => sid).sort()).toEqual(losers.sort());
          }
          const all = [...first, ...second];
          const found = await source.find(all);
          for (const [sid, row] of found) expect([sid, row.sid, JSON.parse(row.text).user]).toEqual([sid, sid, sid]);
          expect([...found.keys()].sort()).toEqual([...owner.values()].sort());
          await source.remove(all.filter((sid) => owner.get(sid.toLowerCase()) !== sid));
          expect(await source.count()).toBe(owner.size);
        }),
        { numRuns: 20 },
      );
    });

    it("a column whose form is uncertain, or that only the store can fill, fails the check before a move", async () => {
      const table = `unsure_${++n}`;
      const type = name === "SQLite" ? "datetime" : "bigint";
      await place.run(`CREATE TABLE ${table} (sid varchar(90) PRIMARY KEY, data text, expires ${type})`);
      const source = await open(table);
      const empty = {
        code: "HOLDFAST_SOURCE_NOT_WRITABLE",
        message: expect.stringMatching(/ is empty, so it is not certain in which form/),
      };
      await expect(proveWritable(source)).rejects.toMatchObject(empty);
      const [s, ms] = [Math.floor(Date.now() / 1000) + 3600, Date.now() + hour];
      await place.run(`INSERT INTO ${table} VALUES ('a', '{}', ${s}), ('b', '{}', ${ms})`);
      await expect(proveWritable(source)).rejects.toThrow(/holds times in several forms/);
      expect((await source.rows(undefined, 9)).every(({ expires }) => Math.abs(expires - ms) < 2000)).toBe(true);
      await place.run(`DELETE FROM ${table} WHERE sid = 'a'`);
      await proveWritable(source);

      await place.run(
        `CREATE TABLE owned_${n} (sid varchar(90) PRIMARY KEY, data text, expires int, owner int NOT NULL)`,
      );
      await expect(proveWritable(await open(`owned_${n}`))).rejects.toMatchObject({
        code: "HOLDFAST_SOURCE_NOT_WRITABLE",
        message: expect.stringMatching(/the column .owner. needs a value that only your store knows/),
      });
    });
  });

function rowOf(sid: string, end: Date, note = ""): Row {
  const age = Math.max(1000, end.getTime() - Date.now());
  const cookie = { originalMaxAge: age, expires: end.toISOString(), httpOnly: true, path: "/" };
  return { sid, text: JSON.stringify({ cookie, user: sid, note }), expires: end.getTime() };
}

async function startPostgresPlace(): Promise<Place> {
  const server = await startPostgres();
  const pool = poolOf(server.url);
  return {
    url: server.url,
    run: async (sql, values) => (await pool.query(sql, values)).rows,
    async stop() {
      await pool.end();
      await server.stop();
    },
  };
}

async function startMariadbPlace(): Promise<Place> {
  const server = await startMariadb();
  const pool = mysql.createPool({ uri: server.url, jsonStrings: true } as object);
  return {
    url: server.url,
    run: async (sql, values) => (await pool.query(sql, values))[0] as any[],
    async stop() {
      await pool.end();
      await server.stop();
    },
  };
}

async function startSqlitePlace(): Promise<Place> {
  const Database = createRequire(import.meta.url)("libsql");
  const folder = mkdtempSync(join(tmpdir(), "holdfast-shapes-"));
  const path = join(folder, "sessions.db");
  const db = new Database(path);
  db.exec("PRAGMA synchronous = OFF");
  return {
    url: `sqlite:${path}`,
    run: async (sql, values = []) =>
      sql.startsWith("SELECT") ? db.prepare(sql).all(...values) : (db.prepare(sql).run(...values), []),
    async stop() {
      db.close();
      rmSync(folder, { recursive: true });
    },
  };
}
