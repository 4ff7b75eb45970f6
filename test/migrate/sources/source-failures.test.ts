/** What can be wrong with a sessions table is said with its remedy, and never with the password. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import mysql from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSource } from "../../../lib/migrate/sources/source.js";
import { failureOf } from "./source-failure-of.js";
import { freePort } from "../../support/servers/free-port.js";
import { mariadbMissing, startMariadb, type TestMariadb } from "../../support/servers/mariadb-server.js";
import { poolOf, startPostgres, type TestPostgres } from "../../support/servers/postgres-server.js";

const hosts = ["postgres", "postgresql", "mysql", "mariadb"];
const databaseOf: Record<string, string> = {
  postgres: "PostgreSQL",
  postgresql: "PostgreSQL",
  mysql: "MySQL",
  mariadb: "MariaDB",
};

describe("a URL or name that cannot be used", () => {
  it.each(["", "shop", "redis://user:s3cr3t@h", "constructor:x", "s3cr3t@host/db", "http://h"])("%j", async (url) => {
    expect(await failureOf(url)).toBe(
      "HOLDFAST_SOURCE_INVALID The URL of the sessions table must begin with postgres://, postgresql://, mysql://, " +
        "mariadb:// or sqlite:." +
        (url.includes(":")
          ? ' For any other database, see "Another database" in docs/migration.md: it takes a few lines.'
          : ""),
    );
  });
  it.each(hosts)("%s: a password that is not percent-encoded", async (scheme) => {
    const encode = /^HOLDFAST_SOURCE_INVALID The URL .* is not valid\. .* with encodeURIComponent\(\)\.$/;
    expect(await failureOf(`${scheme}://user:s3cr3t%@127.0.0.1/db`)).toMatch(encode);
    expect(await failureOf(`${scheme}://user:s3cr3t#/@127.0.0.1/db`)).toMatch(encode);
  });
  it("names of tables, schemas and columns", async () => {
    const rule =
      "HOLDFAST_SOURCE_INVALID The name of a table, schema or column must have at least one character, and no NUL.";
    for (const options of [{ table: "" }, { schema: "a\0b" }, { columns: { sid: "" } }]) {
      expect(await failureOf("postgres://127.0.0.1/db", options)).toBe(rule);
    }
  });
  it("SQLite without a file, or with a schema", async () => {
    const noFile = /^HOLDFAST_SOURCE_INVALID .* names no file\. Its form is sqlite:path/;
    expect(await failureOf("sqlite:")).toMatch(noFile);
    expect(await failureOf("sqlite::memory:")).toMatch(noFile);
    expect(await failureOf("sqlite:x.db", { schema: "main" })).toMatch(/^HOLDFAST_SOURCE_INVALID .*Omit the option/);
  });
});

describe("no server", () => {
  it.each(hosts)("%s: connection refused", async (scheme) => {
    const port = await freePort();
    expect(await failureOf(`${scheme}://user:s3cr3t@127.0.0.1:${port}/db`)).toBe(
      `HOLDFAST_SOURCE_UNREACHABLE ${databaseOf[scheme]} at 127.0.0.1:${port} cannot be reached: nothing is listening there. ` +
        "Check that it is running, and the address in the URL of the sessions table.",
    );
  });
  it.each(hosts)("%s: unknown host", async (scheme) => {
    expect(await failureOf(`${scheme}://user:s3cr3t@nowhere.invalid/db`)).toMatch(
      /^HOLDFAST_SOURCE_UNREACHABLE .* at nowhere\.invalid:\d+ cannot be reached: the host name is not known\. Check/,
    );
  });
  it.each(hosts)("%s: the connection is closed at once", async (scheme) => {
    const server: Server = createServer((socket) => socket.destroy());
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    expect(await failureOf(`${scheme}://user:s3cr3t@127.0.0.1:${port}/db`)).toMatch(
      /^HOLDFAST_SOURCE_UNREACHABLE .* cannot be reached: the connection was closed\. Check/,
    );
    server.close();
  });
});

describe("PostgreSQL errors", () => {
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
  }, 60_000);
  afterAll(() => server?.stop());

  it("a wrong, missing or unknown login", async (test) => {
    test.skip(server.kind === "pglite", "PGlite asks for no password");
    const refused =
      /^HOLDFAST_SOURCE_REFUSED_LOGIN PostgreSQL at 127\.0\.0\.1:\d+ refused the login\. Check the user, the password and/;
    expect(await failureOf(urlWith({ password: "wrong-word" }))).toMatch(refused);
    expect(await failureOf(urlWith({ password: "" }))).toMatch(refused);
    expect(await failureOf(urlWith({ user: "nobody" }))).toMatch(refused);
  });
  it("an unknown database or schema", async (test) => {
    expect(await failureOf(server.url, { schema: "nowhere" })).toMatch(
      /^HOLDFAST_SOURCE_TABLE PostgreSQL, table "nowhere"\."session": there is no such table\. Name/,
    );
    test.skip(server.kind === "pglite", "PGlite has one database");
    expect(await failureOf(urlWith({ database: "nowhere" }))).toMatch(
      /^HOLDFAST_SOURCE_REFUSED_LOGIN .* has no database of that name\. Check the end of the URL/,
    );
  });
  it("a user without rights; a table with other column types", async (test) => {
    const pool = poolOf(server.url);
    await pool.query("CREATE TABLE numbers (sid varchar PRIMARY KEY, sess json, expire date)");
    await pool.query("CREATE TABLE dates (sid varchar PRIMARY KEY, sess bytea, expire timestamp)");
    await pool.query("CREATE TABLE session (sid varchar PRIMARY KEY, sess json, expire timestamp)");
    await pool.query("CREATE USER reader PASSWORD 's3cr3t'");
    await pool.end();
    expect(await failureOf(server.url, { table: "numbers" })).toMatch(
      /the column "expire" has the type date, but an expiry time is a timestamp or a number\. Name the table/,
    );
    expect(await failureOf(server.url, { table: "dates" })).toMatch(/the column "sess" has the type bytea/);
    test.skip(server.kind === "pglite", "PGlite has one user");
    expect(await failureOf(urlWith({ user: "reader", password: "s3cr3t" }))).toMatch(
      /^HOLDFAST_SOURCE_TABLE .*: this user may not use the table\. Grant it SELECT, INSERT/,
    );
  });
  it("a rejected row is returned with the reason, without its contents", async () => {
    const source = await openSource({ url: server.url });
    const left = await source.write([{ sid: "the-id", text: "no JSON", expires: 0 }]);
    expect(left).toEqual([{ sid: "the-id", reason: "it is not JSON that the column accepts" }]);
    await source.close();
  });
});

describe.skipIf(mariadbMissing && !process.env["CI"])(
  `MariaDB errors${mariadbMissing ? ` (${mariadbMissing})` : ""}`,
  () => {
    let server: TestMariadb;
    const urlOf = (login: string, database = "/shop") => `mysql://${login}@127.0.0.1:${server.port}${database}`;
    beforeAll(async () => {
      server = await startMariadb();
    }, 60_000);
    afterAll(() => server?.stop());

    it("a wrong, missing or unknown login", async () => {
      for (const login of ["shop:wrong-word", "shop", "nobody:s3cr3t"]) {
        expect(await failureOf(urlOf(login))).toMatch(
          /^HOLDFAST_SOURCE_REFUSED_LOGIN MySQL at 127\.0\.0\.1:\d+ refused the login\. Check the user, the password and/,
        );
      }
    });
    it("an unknown or missing database", async () => {
      expect(await failureOf(urlOf("root", "/nowhere"))).toMatch(
        /^HOLDFAST_SOURCE_REFUSED_LOGIN .* has no database of that name\. Check the end of the URL/,
      );
      expect(await failureOf(urlOf("root", ""))).toMatch(
        /^HOLDFAST_SOURCE_INVALID The URL of the sessions table names no database\. Add it at the end/,
      );
    });
    it("a user without rights; a table with other column types", async () => {
      const root = await mysql.createConnection(urlOf("root"));
      await root.query("CREATE TABLE dates (session_id varchar(9) PRIMARY KEY, data text, expires time)");
      await root.query("CREATE TABLE numbers (session_id varchar(9) PRIMARY KEY, data int, expires int)");
      await root.query("CREATE TABLE sessions (session_id varchar(9) PRIMARY KEY, data text, expires int)");
      await root.query("CREATE USER reader IDENTIFIED BY 's3cr3t'");
      await root.query("GRANT SELECT ON shop.dates TO reader");
      await root.end();
      expect(await failureOf(server.url, { table: "dates" })).toMatch(
        /the column `expires` has the type time, but an expiry time is a number or a datetime\. Name the table/,
      );
      expect(await failureOf(server.url, { table: "numbers" })).toMatch(/the column `data` has the type int/);
      expect(await failureOf(urlOf("reader:s3cr3t"))).toMatch(
        /^HOLDFAST_SOURCE_TABLE .*: this user may not use the table\. Grant it SELECT, INSERT/,
      );
    });
    it("a rejected row is returned with the reason, without its contents", async () => {
      const source = await openSource({ url: server.url });
      const left = await source.write([{ sid: "much-too-long-an-id", text: "{}", expires: 0 }]);
      expect(left).toEqual([{ sid: "much-too-long-an-id", reason: "it, or its id, is longer than the column" }]);
      await source.close();
    });
    it("quoted values are safe under NO_BACKSLASH_ESCAPES", async () => {
      const root = await mysql.createConnection(urlOf("root"));
      await root.query("SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES'");
      await root.query("CREATE TABLE quotes (session_id varchar(90) PRIMARY KEY, data text, expires int)");
      const source = await openSource({ url: server.url, table: "quotes" });
      const row = { sid: `\\' OR "1" = '1`, text: JSON.stringify({ a: `\\'"` }), expires: 5000 };
      await source.write([row, { ...row, sid: "other" }]);
      expect([...(await source.find([row.sid])).values()]).toEqual([row]);
      await source.remove([row.sid]);
      expect(await source.count()).toBe(1);
      await source.close();
      await root.query("SET GLOBAL sql_mode = DEFAULT");
      await root.end();
    });
  },
);

describe("SQLite", () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-sqlite-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("does not create a missing file", async () => {
    const path = join(folder, "none.db");
    const missing = `HOLDFAST_SOURCE_UNREACHABLE SQLite at ${path} cannot be reached: there is no such file, or this user may not read it. Check the address in the URL of the sessions table.`;
    expect(await failureOf(`sqlite:${path}`)).toBe(missing);
    expect(await failureOf(`sqlite://${path}`)).toBe(missing);
  });
  it("a file that is not a database", async () => {
    const path = join(folder, "text.db");
    writeFileSync(path, "not a database ".repeat(100));
    expect(await failureOf(`sqlite:${path}`)).toMatch(
      /^HOLDFAST_SOURCE_TABLE .*: the file is not an SQLite database\. /,
    );
    expect(await failureOf(`sqlite:${folder}`)).toMatch(/^HOLDFAST_SOURCE_(UNREACHABLE|TABLE) /);
  });
});

describe("a missing driver", () => {
  // The compiled rooms at a place from where no package is found.
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bare-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(() => {
    const root = fileURLToPath(new URL("../../../", import.meta.url));
    const compilerOptions = { rootDir: join(root, "lib"), outDir: folder, declaration: false, types: ["node"] };
    const typeRoots = [join(root, "node_modules/@types")];
    const project = {
      extends: join(root, "tsconfig.build.json"),
      compilerOptions: { ...compilerOptions, typeRoots },
      files: [join(root, "lib/migrate/sources/source.ts")],
      include: [],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder]);
  });

  it.each([
    [
      "postgres://user:s3cr3t@h/db",
      "PostgreSQL needs the driver pg, which is not installed. Install it with npm i pg.",
    ],
    [
      "mysql://user:s3cr3t@h/db",
      "MySQL needs the driver mysql2, which is not installed. Install it with npm i mysql2.",
    ],
    [
      "mariadb://user:s3cr3t@h/db",
      "MariaDB needs the driver mysql2, which is not installed. Install it with npm i mysql2.",
    ],
    [
      "sqlite:sessions.db",
      "SQLite needs a driver, and none is installed. " +
        "Install one with npm i libsql, or use Node.js 22.13 or later, which has its own.",
    ],
  ])("%s", (url, message) => {
    const script =
      `import { openSource } from "./migrate/sources/source.js";` +
      `openSource({ url: ${JSON.stringify(url)} }).then(() => console.log("opened"), (e) => console.log(e.code, e.message));`;
    const options = { cwd: folder, encoding: "utf8" as const };
    const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], options).trim();
    const isThere = url.startsWith("sqlite") && isBuiltin("node:sqlite");
    expect(said).toBe(isThere ? "opened" : `HOLDFAST_DRIVER_MISSING ${message}`);
  });
});
