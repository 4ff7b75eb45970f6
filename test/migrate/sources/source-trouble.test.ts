/** What goes wrong on the way back and on the way to a database, told as what it is: on real servers. */
import { createRequire } from "node:module";
import { createServer, type Server } from "node:net";
import mysql from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSource } from "../../../lib/migrate/sources/source.js";
import { freePort } from "../../support/servers/free-port.js";
import { mariadbMissing, startMariadb, type TestMariadb } from "../../support/servers/mariadb-server.js";
import { poolOf, startPostgres, type TestPostgres } from "../../support/servers/postgres-server.js";
import { failureOf, wayBackOf } from "./source-failure-of.js";

describe("a pooler in front of PostgreSQL", () => {
  /** Answers each start of a connection as PgBouncer does: an error of class 08, whose words say which. */
  async function answering(code: string, message: string) {
    const parts = [`SFATAL`, `VFATAL`, `C${code}`, `M${message}`].map((part) => `${part}\0`).join("");
    const body = Buffer.from(`${parts}\0`);
    const head = Buffer.alloc(5);
    head.write("E");
    head.writeInt32BE(body.length + 4, 1);
    const server: Server = createServer((socket) => {
      socket.on("error", () => {}).once("data", () => socket.end(Buffer.concat([head, body])));
    });
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    const said = await failureOf(`postgres://user:s3cr3t@127.0.0.1:${port}/db`);
    server.close();
    return said;
  }
  it.each([
    [
      "08P01",
      "unsupported startup parameter: options",
      /^HOLDFAST_SOURCE_REFUSED_LOGIN The pooler at 127\.0\.0\.1:\d+ rejects the parameter "options" of the URL\. .*ignore_startup_parameters/,
    ],
    ["08P01", "unsupported startup parameter in options: timezone", /rejects the parameter "timezone"/],
    ["08P01", "no such database: db", /^HOLDFAST_SOURCE_REFUSED_LOGIN .* has no database of that name/],
    ["08P01", "password authentication failed", /^HOLDFAST_SOURCE_REFUSED_LOGIN .* refused the login/],
    [
      "08P01",
      "no more connections allowed (max_client_conn)",
      /^HOLDFAST_SOURCE_UNREACHABLE .*no free connection to PostgreSQL/,
    ],
    ["08P01", "query_wait_timeout", /^HOLDFAST_SOURCE_UNREACHABLE .*no free connection to PostgreSQL/],
    [
      "08P01",
      "server login has been failing, try again later (server_login_retry)",
      /^HOLDFAST_SOURCE_UNREACHABLE .*no free connection/,
    ],
    [
      "08006",
      "something new",
      /^HOLDFAST_SOURCE_UNREACHABLE .*a pooler in front of it, refused the connection \(08006\)/,
    ],
  ])("%s %s", async (code, message, expected) => {
    expect(await answering(code, message)).toMatch(expected);
  });
});

describe("PostgreSQL", () => {
  let server: TestPostgres;
  const urlWith = (parts: { user?: string; password?: string; database?: string }) => {
    const url = new URL(server.url);
    if (parts.user !== undefined) url.username = parts.user;
    if (parts.password !== undefined) url.password = parts.password;
    if (parts.database !== undefined) url.pathname = parts.database;
    return url.href;
  };
  beforeAll(async () => {
    server = await startPostgres();
    const pool = poolOf(server.url);
    await pool.query("CREATE TABLE session (sid varchar PRIMARY KEY, sess json, expire timestamp)");
    await pool.end();
  }, 60_000);
  afterAll(() => server?.stop());

  it("sessions cannot be written back: a read-only user, a read-only server, a constraint", async (test) => {
    const pool = poolOf(server.url);
    expect(await wayBackOf(server.url)).toBe("open");
    await pool.query("CREATE TABLE checked (sid varchar PRIMARY KEY, sess json, expire timestamp, CHECK (sid = 'x'))");
    expect(await wayBackOf(server.url, { table: "checked" })).toMatch(
      /^HOLDFAST_SOURCE_NOT_WRITABLE .* rejected a test session: a CHECK constraint rejects it\. /,
    );
    test.skip(server.kind === "pglite", "PGlite has one user");
    await pool.query("CREATE USER onlyreads PASSWORD 's3cr3t'");
    await pool.query("GRANT SELECT ON session TO onlyreads");
    expect(await wayBackOf(urlWith({ user: "onlyreads", password: "s3cr3t" }))).toMatch(
      /^HOLDFAST_SOURCE_TABLE .*: this user may not use the table\. Grant it SELECT, INSERT, UPDATE and DELETE/,
    );
    await pool.query("GRANT ALL ON session TO onlyreads");
    await pool.query("ALTER USER onlyreads SET default_transaction_read_only = on");
    expect(await wayBackOf(urlWith({ user: "onlyreads", password: "s3cr3t" }))).toMatch(
      /^HOLDFAST_SOURCE_NOT_WRITABLE .*: the server is a replica, or this user may only read\. So no session/,
    );
    await pool.end();
  });
  it("a query that times out is not reported as a broken connection", async (test) => {
    test.skip(server.kind === "pglite", "PGlite has one session");
    const pg = createRequire(import.meta.url)("pg") as { Client: new (url: string) => any };
    const blocker = new pg.Client(server.url);
    await blocker.connect();
    await blocker.query("BEGIN");
    await blocker.query("LOCK TABLE session");
    for (const [setting, words] of [
      ["statement_timeout", /^HOLDFAST_SOURCE_FAILED .*canceled a query: it exceeded its statement_timeout/],
      ["lock_timeout", /^HOLDFAST_SOURCE_FAILED .*canceled a query: a lock was not free within its lock_timeout/],
    ] as const)
      expect(await failureOf(`${server.url}?options=-c%20${setting}%3D50`)).toMatch(words);
    await blocker.end();
  });
  it("connects over a Unix socket, with each form of URL", async (test) => {
    test.skip(server.kind === "pglite", "PGlite has no socket");
    const pool = poolOf(server.url);
    const [row] = (await pool.query("SHOW unix_socket_directories")).rows as { unix_socket_directories: string }[];
    await pool.end();
    const folder = row!.unix_socket_directories;
    const login = new URL(server.url);
    const user = `${login.username}:${login.password}`;
    for (const url of [
      `postgres://${user}@/postgres?host=${folder}&port=${server.port}`,
      `postgres://${user}@localhost/postgres?host=${folder}&port=${server.port}`,
      `postgres://${user}@${encodeURIComponent(folder)}:${server.port}/postgres`,
    ])
      expect(`${url}: ${await failureOf(url)}`).toBe(`${url}: it did not fail`);
    expect(await failureOf(`postgres://${user}@/postgres?host=/nowhere`)).toMatch(
      /^HOLDFAST_SOURCE_UNREACHABLE PostgreSQL at the socket \/nowhere cannot be reached: the socket file does not exist\./,
    );
  });
});

describe.skipIf(mariadbMissing && !process.env["CI"])(`MariaDB${mariadbMissing ? ` (${mariadbMissing})` : ""}`, () => {
  let server: TestMariadb;
  const urlOf = (login: string, database = "/shop") => `mysql://${login}@127.0.0.1:${server.port}${database}`;
  beforeAll(async () => {
    server = await startMariadb();
  }, 60_000);
  afterAll(() => server?.stop());

  it("sessions cannot be written back: a read-only user, a read-only server", async () => {
    expect(await wayBackOf(server.url, { table: "roomy" })).toMatch(/there is no such table/);
    const root = await mysql.createConnection(urlOf("root"));
    await root.query("CREATE TABLE roomy (session_id varchar(90) PRIMARY KEY, data text, expires int)");
    expect(await wayBackOf(server.url, { table: "roomy" })).toBe("open");
    await root.query("CREATE USER onlyreads IDENTIFIED BY 's3cr3t'");
    await root.query("GRANT SELECT ON shop.roomy TO onlyreads");
    expect(await wayBackOf(urlOf("onlyreads:s3cr3t"), { table: "roomy" })).toMatch(
      /^HOLDFAST_SOURCE_TABLE .*: this user may not use the table\. Grant it SELECT, INSERT, UPDATE and DELETE/,
    );
    await root.query("GRANT INSERT, UPDATE, DELETE ON shop.roomy TO onlyreads");
    await root.query("SET GLOBAL read_only = 1");
    expect(await wayBackOf(urlOf("onlyreads:s3cr3t"), { table: "roomy" })).toMatch(
      /^HOLDFAST_SOURCE_NOT_WRITABLE .*: the server is a replica, or is read-only\. So no session/,
    );
    await root.query("SET GLOBAL read_only = 0");
    await root.end();
  });
  it("a query that times out is not reported as a broken connection", async () => {
    const root = await mysql.createConnection(urlOf("root"));
    await root.query("SET GLOBAL lock_wait_timeout = 1");
    await root.query("LOCK TABLES roomy WRITE");
    expect(await failureOf(server.url, { table: "roomy" })).toMatch(
      /^HOLDFAST_SOURCE_FAILED .*: the database canceled a query: a lock was not free in time\./,
    );
    await root.query("UNLOCK TABLES");
    await root.query("SET GLOBAL lock_wait_timeout = DEFAULT");
    await root.end();
  });
  it("connects over a Unix socket, with each form of URL", async () => {
    const root = await mysql.createConnection(urlOf("root"));
    const [rows] = await root.query("SELECT @@socket AS path");
    await root.end();
    const path = (rows as { path: string }[])[0]!.path;
    for (const url of [
      `mysql://root@/shop?socketPath=${path}`,
      `mysql://root@localhost/shop?socket=${encodeURIComponent(path)}`,
    ])
      expect(`${url}: ${await failureOf(url, { table: "roomy" })}`).toBe(`${url}: it did not fail`);
    expect(await failureOf("mysql://root@/shop?socketPath=/nowhere")).toMatch(
      /^HOLDFAST_SOURCE_UNREACHABLE MySQL at the socket \/nowhere cannot be reached: the socket file does not exist\./,
    );
  });
  it("rejects only the session that exceeds max_allowed_packet", async () => {
    const root = await mysql.createConnection(urlOf("root"));
    await root.query("CREATE TABLE large (session_id varchar(90) PRIMARY KEY, data mediumtext, expires int)");
    await root.query("SET GLOBAL max_allowed_packet = 1048576");
    const source = await openSource({ url: server.url, table: "large" });
    const row = (sid: string, size: number) => ({ sid, text: JSON.stringify("ü".repeat(size)), expires: 5000 });
    const rows = Array.from({ length: 30 }, (_, i) => row(`s${i}`, i === 7 ? 600_000 : 100_000));
    expect(await source.write(rows)).toEqual([{ sid: "s7", reason: "it is larger than the database accepts at once" }]);
    expect(await source.count()).toBe(29);
    await source.close();
    await root.query("SET GLOBAL max_allowed_packet = DEFAULT");
    await root.end();
  });
  it("rejects what a server without strict mode would truncate or change", async () => {
    const root = await mysql.createConnection(urlOf("root"));
    await root.query("SET GLOBAL sql_mode = ''");
    await root.query(
      "CREATE TABLE narrow (session_id varchar(9) PRIMARY KEY, data varchar(40) CHARACTER SET utf8mb3, expires int)",
    );
    const source = await openSource({ url: server.url, table: "narrow" });
    const row = (sid: string, text: string) => ({ sid, text, expires: 5000 });
    const left = await source.write([row("long", `"${"x".repeat(60)}"`), row("emoji", '"😀"'), row("good", '"ü"')]);
    expect(left).toEqual([
      { sid: "long", reason: "it, or its id, is longer than the column" },
      { sid: "emoji", reason: "it contains a character that the column cannot store" },
    ]);
    expect((await source.rows(undefined, 9)).map(({ text }) => text)).toEqual(['"ü"']);
    await source.close();
    await root.query("SET GLOBAL sql_mode = DEFAULT");
    await root.end();
  });
});
