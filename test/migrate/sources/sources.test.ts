/** Each source against a real database and the real session store: what one writes, the other reads. */
import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openSource, type Row, type Source, type SourceOptions } from "../../../lib/migrate/sources/source.js";
import { mariadbMissing } from "../../support/servers/mariadb-server.js";
import { benches, sessionWith, type Bench, type RealStore } from "./source-benches.js";

// Neither UTC nor the zone of a server below: no time may depend on the process.
process.env["TZ"] = "Australia/Adelaide";
const oneHour = 3_600_000;
const oddIds = ["it's", 'say "hi"', "back\\slash", "`tick`", "a b", "100%_", "ABC", "abc", "Äpfel", "日本", "😀"];
oddIds.push("__proto__", "$1", "?", "x".repeat(128));

for (const { name, start, needs } of benches) {
  const missing = needs === "mariadb" ? mariadbMissing : undefined;
  // With CI=true nothing is left out: there the missing program fails the tests.
  describe.skipIf(missing && !process.env["CI"])(`${name}${missing ? ` (${missing})` : ""}`, () => {
    let bench: Bench;
    let store: RealStore;
    const opened: Source[] = [];
    const open = async (options: Partial<SourceOptions> = {}) => {
      const source = await openSource({ url: bench.url, ...options });
      opened.push(source);
      return source;
    };

    beforeAll(async () => {
      bench = await start();
      store = await bench.store();
      await store.get("makes the table");
    }, 60_000);
    afterEach(async () => {
      for (const source of opened.splice(0)) await source.close();
    });
    afterAll(async () => {
      await store?.close();
      await bench?.stop();
    });

    it("returns what the store wrote in pages, each row once", async () => {
      const expires = new Date(Date.now() + oneHour);
      const ids = [...oddIds, ...Array.from({ length: 2500 - oddIds.length }, (_, i) => `${(i * 7919) % 2503}-id`)];
      const written = new Map(ids.map((sid, i) => [sid, sessionWith({ i, note: `ß 😀 ' " \\ \0 ${sid}` }, expires)]));
      const from = Date.now();
      await inParallel([...written], ([sid, data]) => store.set(sid, data));
      const took = Date.now() - from;

      const source = await open();
      await source.check();
      expect(await source.count()).toBe(2500);
      const pages: Row[][] = [];
      for (let after: string | undefined; ;) {
        const page = await source.rows(after, 400);
        if (page.length === 0) break;
        pages.push(page);
        after = page.at(-1)!.sid;
      }
      expect(pages.map((page) => page.length)).toEqual([400, 400, 400, 400, 400, 400, 100]);
      const rows = pages.flat();
      const texts = [...written].map(([sid, data]): [string, Row["text"]] => [sid, JSON.stringify(data)]);
      expect(withoutCookies(rows.map(({ sid, text }) => [sid, text]))).toEqual(withoutCookies(texts));
      // The stores round to seconds, or count from the moment of writing.
      for (const row of rows) expect(Math.abs(row.expires - expires.getTime())).toBeLessThanOrEqual(1000 + took);
    });

    it("returns the text unchanged", async () => {
      const data = { cookie: { path: "/", originalMaxAge: null }, b: 1, a: "ß  \u2028 😀", n: 1.0, list: [null] };
      await store.set("letters", data);
      const source = await open();
      expect((await source.find(["letters"])).get("letters")!.text).toBe(JSON.stringify(data));
      await source.remove(["letters"]);
    });

    it("expires sessions like the store: by the column, which a touch updates", async () => {
      const source = await open();
      for (const seconds of [-3600, -3, 3, 3600]) {
        await store.set("clock", sessionWith({}, new Date(Date.now() + seconds * 1000)));
        const { expires } = (await source.find(["clock"])).get("clock")!;
        const given = (await store.get("clock")) !== undefined;
        expect([expires > Date.now(), given], `${seconds} s`).toEqual([seconds > 0, seconds > 0]);
      }
      const later = new Date(Date.now() + 5 * oneHour);
      await store.touch("clock", sessionWith({}, later));
      const row = (await source.find(["clock"])).get("clock")!;
      expect(Math.abs(row.expires - later.getTime())).toBeLessThanOrEqual(1000);
      expect(Date.parse(JSON.parse(row.text).cookie.expires)).toBeLessThan(row.expires - oneHour);
      await source.remove(["clock"]);
    });

    it("finds only the requested rows", async () => {
      const source = await open();
      const found = await source.find([...oddIds, "nobody", "' OR 1 = 1 --", "NUL\0"]);
      expect([...found.keys()].toSorted()).toEqual(oddIds.toSorted());
      expect(found.get("it's")!.sid).toBe("it's");
      expect(await source.find([])).toEqual(new Map());
      const many = (await source.rows(undefined, 1200)).map(({ sid }) => sid);
      expect((await source.find(many)).size).toBe(1200);
    });

    it("inserts and overwrites rows that the store can read", async () => {
      const source = await open();
      const expires = Date.now() + oneHour;
      const fresh = Array.from({ length: 1200 }, (_, i) => rowWith(`new-${i}`, { i }, expires));
      // Together they are more than MySQL takes at once.
      const large = Array.from({ length: 6 }, (_, i) =>
        rowWith(`large-${i}`, { text: "ü".repeat(1_500_000) }, expires),
      );
      const changed = oddIds.map((sid) => rowWith(sid, { sid, note: `ß 😀 ' " \\ \0` }, expires));
      const [earlier, later] = [rowWith("twice", { i: 1 }, expires), rowWith("twice", { i: 2 }, expires)];
      const dead = rowWith("dead", {}, Date.now() - 5000);
      await source.write([...fresh, ...large, earlier, ...changed, later, dead]);
      await source.write([]);

      for (const row of [fresh[0]!, fresh[1199]!, ...large, ...changed, later]) {
        expect(await store.get(row.sid)).toEqual(JSON.parse(row.text));
      }
      expect(await store.get("dead")).toBeUndefined();
      const back = await source.find(["large-5", "new-7", "dead"]);
      expect(back.get("large-5")!.text === large[5]!.text).toBe(true);
      for (const row of [large[5]!, fresh[7]!, dead]) {
        const longer = back.get(row.sid)!.expires - row.expires;
        expect(longer >= 0 && longer < 1000, `${longer} ms`).toBe(true);
      }
    });

    it("removes rows for the store, too", async () => {
      const source = await open();
      const before = await source.count();
      await source.remove([...oddIds, "nobody", "NUL\0"]);
      await source.remove([]);
      expect(await source.count()).toBe(before - oddIds.length);
      expect(await store.get("it's")).toBeUndefined();
      expect(await store.get("new-1")).toBeDefined();
    });

    it("uses the configured names of table and columns", async () => {
      const { store: other, options } = await bench.renamed();
      await other.set("elsewhere", sessionWith({ here: true }, new Date(Date.now() + oneHour)));
      const source = await open(options);
      await source.check();
      expect((await source.find(["elsewhere"])).has("elsewhere")).toBe(true);
      await source.write([rowWith("written", { here: 2 }, Date.now() + oneHour)]);
      expect(await other.get("written")).toMatchObject({ here: 2 });
      await source.remove(["elsewhere"]);
      expect(await other.get("elsewhere")).toBeUndefined();
      await other.close();
    });

    it("returns rows that are not sessions unchanged", async () => {
      const strange = strangeRows[bench.url.split(":")[0]!]!;
      for (const sql of strange.sql) await bench.run(sql);
      const source = await open({ table: "strange" });
      await source.check();
      expect(await source.rows(undefined, 10)).toEqual(strange.rows);
    });

    it("reports a missing or wrong table", async () => {
      const failure = (options: Partial<SourceOptions>) => open(options).then((source) => problemOf(source.check()));
      expect(await failure({ table: "no such; DROP TABLE x" })).toMatch(
        /^HOLDFAST_SOURCE_TABLE .*no such; DROP TABLE x.*: there is no such table\. Name the table that/,
      );
      await bench.run("CREATE TABLE other (sid varchar(90) PRIMARY KEY, note text)");
      expect(await failure({ table: "other" })).toMatch(
        /^HOLDFAST_SOURCE_TABLE .*it has no column .(data|sess).*\. Name the table and the columns/,
      );
      const columns = { sid: "id", session: "note", expires: "until" };
      const until = bench.url.startsWith("postgres") ? "timestamp" : "bigint";
      await bench.run(`CREATE TABLE keyless (id varchar(90), note text, until ${until})`);
      expect(await failure({ table: "keyless", columns })).toMatch(
        /^HOLDFAST_SOURCE_TABLE .*the column .id. is not unique/,
      );
      await bench.run("CREATE UNIQUE INDEX by_id ON keyless (id)");
      await (await open({ table: "keyless", columns })).check();
    });

    it("never shows the password", async () => {
      const source = await open();
      expect(source.name).toMatch(/^(PostgreSQL, table "session"|MySQL, table `sessions`|SQLite, table "sessions")$/);
      expect(inspect(source, { depth: 9, showHidden: true })).not.toMatch(/s3cr3t/);
    });
  });
}

/** Tables such as someone could have made by hand, with rows that no store wrote. */
const strangeRows: Record<string, { sql: string[]; rows: Row[] }> = {
  postgres: {
    sql: [
      "CREATE TABLE strange (sid text PRIMARY KEY, sess text, expire timestamptz)",
      `INSERT INTO strange VALUES
         ('a', 'oops', '2033-05-18T03:33:20.5Z'), ('b', '{}', 'infinity'), ('c', '{}', NULL), ('d', NULL, 'epoch')`,
    ],
    rows: [
      { sid: "a", text: "oops", expires: 2_000_000_000_500 },
      { sid: "b", text: "{}", expires: Number.NaN },
      { sid: "c", text: "{}", expires: Number.NaN },
      { sid: "d", text: "", expires: 0 },
    ],
  },
  mysql: {
    sql: [
      "CREATE TABLE strange (session_id varchar(90) PRIMARY KEY, data blob, expires bigint)",
      "INSERT INTO strange VALUES ('a', 'oops ü', 2000000000), ('b', '{}', NULL), ('c', NULL, 0)",
    ],
    rows: [
      { sid: "a", text: "oops ü", expires: 2_000_000_000_000 },
      { sid: "b", text: "{}", expires: Number.NaN },
      { sid: "c", text: "", expires: 0 },
    ],
  },
  sqlite: {
    sql: [
      "CREATE TABLE strange (sid PRIMARY KEY, expired, sess)",
      `INSERT INTO strange VALUES ('a', 2000000000000, 'oops'), ('b', 'soon', '{}'), ('c', NULL, NULL),
         ('d', '2033-05-18 03:33:20', X'7B7D'), ('e', '2033-05-18T05:33:20.500+02:00', 7), ('f', '', '{}')`,
    ],
    rows: [
      { sid: "a", text: "oops", expires: 2_000_000_000_000 },
      { sid: "b", text: "{}", expires: Number.NaN },
      { sid: "c", text: "", expires: Number.NaN },
      { sid: "d", text: "{}", expires: 2_000_000_000_000 },
      { sid: "e", text: "7", expires: 2_000_000_000_500 },
      { sid: "f", text: "{}", expires: Number.NaN },
    ],
  },
};

function rowWith(sid: string, data: object, expires: number): Row {
  return { sid, text: JSON.stringify(sessionWith(data, new Date(expires))), expires };
}

/** connect-sqlite3 keeps what is left of a cookie's age at the moment of writing; the rest must be as it was. */
function withoutCookies(texts: [sid: string, text: string][]): Map<string, object> {
  return new Map(texts.map(([sid, text]) => [sid, { ...(JSON.parse(text) as object), cookie: undefined }]));
}

async function inParallel<T>(items: T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

/** The code and the message with which it failed. */
async function problemOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "it did not fail",
    (error: { code?: string; message: string }) => `${error.code} ${error.message}`,
  );
}
