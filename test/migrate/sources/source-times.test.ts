/** Time zones that the app sets on its connections, and this one does not: found before anybody is logged out. */
import mysql from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSource, proveTimes, proveWritable } from "../../../lib/migrate/sources/source.js";
import { mariadbMissing, startMariadb, type TestMariadb } from "../../support/servers/mariadb-server.js";
import { poolOf, startPostgres, type TestPostgres } from "../../support/servers/postgres-server.js";

const hour = 3_600_000;

/** The verdict on a table, as one line. */
async function timesOf(url: string, table: string): Promise<string> {
  const source = await openSource({ url, table });
  try {
    await proveTimes(source);
    await proveWritable(source);
    return "fine";
  } catch (error) {
    const { code, message } = error as Error & { code: string };
    return `${code} ${message}`;
  } finally {
    await source.close();
  }
}

function session(age: number) {
  const end = new Date(Date.now() + age);
  const text = JSON.stringify({ cookie: { originalMaxAge: age, expires: end.toISOString(), path: "/" } });
  return { end, text };
}

describe("PostgreSQL on a server in New York", () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres("America/New_York");
  }, 60_000);
  afterAll(() => server?.stop());

  /** As connect-pg-simple writes, on a connection with this zone. */
  async function fill(table: string, zone: string, age: number) {
    const pool = poolOf(`${server.url}?options=-c%20TimeZone%3D${encodeURIComponent(zone)}`);
    await pool.query(`CREATE TABLE "${table}" (sid varchar PRIMARY KEY, sess json, expire timestamp(6))`);
    for (let i = 0; i < 10; i++) {
      const { end, text } = session(age);
      const seconds = Math.ceil(end.getTime() / 1000);
      await pool.query(`INSERT INTO "${table}" VALUES ($1, $2, to_timestamp($3))`, [`s${i}`, text, seconds]);
    }
    await pool.end();
  }
  const offset = (zone: string) => {
    const there = new Date(new Date().toLocaleString("en-US", { timeZone: zone }));
    const here = new Date(new Date().toLocaleString("en-US", { timeZone: "America/New_York" }));
    return Math.round((there.getTime() - here.getTime()) / 900_000) / 4;
  };

  it.each([
    ["UTC", hour],
    ["Europe/Berlin", 24 * hour],
    ["Asia/Kolkata", 14 * 24 * hour],
    ["America/Los_Angeles", hour],
    ["America/Los_Angeles", 24 * hour],
  ])(
    "an app in %s with a lifetime of %d ms: refused, naming the hours; accepted with the time zone in the URL",
    async (zone, age) => {
      const table = `session ${zone} ${age}`;
      await fill(table, zone, age);
      const hours = offset(zone);
      const [whole, minutes] = [Math.floor(Math.abs(hours)), (Math.abs(hours) % 1) * 60];
      const span = minutes === 0 ? `${whole} h` : `${whole} h ${minutes} min`;
      const said = await timesOf(server.url, table);
      expect(said).toMatch(/^HOLDFAST_SOURCE_TIME PostgreSQL, table /);
      expect(said).toContain(`is ${span} ${hours > 0 ? "later" : "earlier"} than the cookies of 10 sampled sessions`);
      expect(await timesOf(`${server.url}?options=-c%20TimeZone%3D${encodeURIComponent(zone)}`, table)).toBe("fine");
    },
  );
});

describe.skipIf(mariadbMissing && !process.env["CI"])("MariaDB, where a datetime is in the app's time zone", () => {
  let server: TestMariadb;
  beforeAll(async () => {
    server = await startMariadb();
  }, 60_000);
  afterAll(() => server?.stop());

  it.each(["datetime", "timestamp NULL"])(
    "a %s column: refused, naming the hours; accepted with the time zone in the URL",
    async (type) => {
      const table = type.split(" ")[0]!;
      const pool = mysql.createPool({ uri: server.url, timezone: "+02:00" });
      pool.on("connection", (connection) => void connection.query("SET time_zone = '+02:00'"));
      await pool.query(`CREATE TABLE ${table} (sid varchar(36) PRIMARY KEY, data text, expires ${type})`);
      for (let i = 0; i < 10; i++) {
        const { end, text } = session(hour);
        await pool.query(`INSERT INTO ${table} VALUES (?, ?, ?)`, [`s${i}`, text, end]);
      }
      await pool.end();
      // A timestamp is an instant in MySQL, whatever the zone of who looks at it.
      if (type === "datetime")
        expect(await timesOf(server.url, table)).toMatch(
          /^HOLDFAST_SOURCE_TIME .* is 2 h later than the cookies of 10 sampled sessions/,
        );
      else expect(await timesOf(server.url, table)).toBe("fine");
      expect(await timesOf(`${server.url}?timezone=%2B02:00`, table)).toBe("fine");
    },
  );
});
