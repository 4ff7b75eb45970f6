/** docs/guides/from-connect-pg-simple.md: its program, with a real table, and its command. */
import express from "express";
import session from "express-session";
import type { RedisClientType } from "redis";
import { agent } from "supertest";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Move, MoveControl, type MigratingStore } from "holdfast/migrate";
import { createRequire } from "node:module";
import { secret } from "../../promises/candidates.js";
import { poolOf, startPostgres, type TestPool, type TestPostgres } from "../../support/servers/postgres-server.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { blockWith, blocksOf } from "../support/pages.js";
import { useBlocks } from "../support/run-block.js";

const page = "docs/guides/from-connect-pg-simple.md";
const redis = useRedis();
const blocks = useBlocks();
let postgres: TestPostgres;
let pool: TestPool;
let client: RedisClientType;
let store: MigratingStore;

beforeAll(async () => {
  postgres = await startPostgres();
  pool = poolOf(postgres.url);
  client = await redis.client();
}, 120_000);
afterAll(async () => {
  await store?.close();
  await pool?.end();
  await postgres?.stop();
});

it("the program keeps sessions in the table, then in both, then in Redis, and nobody is logged out", async () => {
  await createTable();
  const app = express();
  ({ store } = (await blocks.run(blockWith(page, "connectPgSimple(session)"), { app, client, pool, secret, session }, [
    "store",
  ])) as { store: MigratingStore });
  app.get("/login", (req, res) => {
    (req.session as unknown as { user: string }).user = "ada";
    res.end();
  });
  app.get("/", (req, res) => void res.send(String((req.session as unknown as { user?: string }).user)));
  const ada = agent(app);
  await ada.get("/login");
  const rows = async () => (await pool.query("SELECT sid FROM user_sessions")).rows.length;
  expect([await rows(), (await client.keys("sess:*")).length]).toEqual([1, 0]);

  const move = new Move(new MoveControl(client as never));
  await expect.poll(async () => (await move.status()).processes.length, { timeout: 15_000 }).toBe(1);
  await move.start();
  const bob = agent(app);
  await bob.get("/login");
  expect((await client.keys("sess:*")).length).toBe(1);
  await move.turn(100, { acceptLoss: true });
  expect([(await ada.get("/")).text, (await bob.get("/")).text]).toEqual(["ada", "ada"]);
  expect((await client.keys("sess:*")).length).toBe(2);
});

it("the command on the page names the program's table", () => {
  const [command] = blocksOf(page, "sh").map(({ text }) => text);
  expect(command).toContain("holdfast migrate start --table user_sessions");
  expect(blockWith(page, "connectPgSimple(session)").text).toContain('tableName: "user_sessions"');
});

/** As the store itself does it, in its own table of this name. */
async function createTable(): Promise<void> {
  const make = createRequire(import.meta.url)("connect-pg-simple") as (of: object) => new (options: object) => {
    get(sid: string, callback: (error: unknown) => void): void;
  };
  const options = { pool, tableName: "user_sessions", createTableIfMissing: true, pruneSessionInterval: false };
  const store = new (make(session))(options);
  await new Promise<void>((resolve, reject) => store.get("none", (error) => (error ? reject(error) : resolve())));
}
