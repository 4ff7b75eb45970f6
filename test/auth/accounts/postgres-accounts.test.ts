/**
 * The example for PostgreSQL keeps the contract, on PostgreSQL itself: PGlite is its code, compiled to WebAssembly. With
 * `TEST_POSTGRES_URL` it runs on a server of yours, and leaves a table `accounts` there.
 */
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountStoreContract } from "holdfast/auth";
import { PostgresAccounts, type Queryable } from "../../../examples/postgres-accounts.js";
import { freePort } from "../../support/servers/free-port.js";

type Pool = Queryable & { end(): Promise<void> };
const pg = createRequire(import.meta.url)("pg") as { Pool: new (options: object) => Pool };

describe("PostgresAccounts", () => {
  let server: PGLiteSocketServer | undefined;
  let pool: Pool;
  let store: PostgresAccounts;

  beforeAll(async () => {
    pool = new pg.Pool({ connectionString: process.env.TEST_POSTGRES_URL ?? (await startPglite()), max: 5 });
    await pool.query(PostgresAccounts.createTable);
    store = new PostgresAccounts(pool);
  }, 60_000);
  afterAll(async () => {
    await pool?.end();
    await server?.stop();
    await server?.db.close();
  });

  it.each(accountStoreContract.map(({ name, check }) => [name, check] as const))("contract: %s", (_, check) =>
    check(store),
  );

  it("the table can be made again, and keeps what it has", async () => {
    const wanted = { username: `Ada.${randomUUID()}`, email: undefined, passwordHash: "h" };
    const account = await store.create(wanted);
    await pool.query(PostgresAccounts.createTable);
    expect(await store.findByUsername(wanted.username)).toEqual(account);
  });

  it("who is refused by an account that is removed before the question why gets the name", async () => {
    const wanted = { username: `Grace.${randomUUID()}`, email: `${randomUUID()}@example.org`, passwordHash: "h" };
    const first = await store.create(wanted);
    if (typeof first === "string") throw new Error("it was free");
    const meddling = new PostgresAccounts({
      async query(text, values) {
        if (text.startsWith("SELECT username_key")) await store.remove(first.id);
        return pool.query(text, values);
      },
    });
    expect(await meddling.create(wanted)).toMatchObject(wanted);
  });

  async function startPglite(): Promise<string> {
    const port = await freePort();
    const db = await PGlite.create();
    server = new PGLiteSocketServer({ db, port, host: "127.0.0.1", maxConnections: 5 });
    await server.start();
    return `postgres://postgres@127.0.0.1:${port}/postgres`;
  }
});
