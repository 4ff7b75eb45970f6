/** docs/guides/at-rest.md: its programs run, what it says is visible is all that is, and its steps are those of the options. */
import { createHash, randomBytes } from "node:crypto";
import express from "express";
import request from "supertest";
import type { RedisClientType } from "redis";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { redisSession, RedisSessionStore } from "holdfast";
import { localAuth, RedisAccounts, type Account } from "holdfast/auth";
import { encryptionOf } from "../../../lib/express-session/encryption-keys.js";
import { secret } from "../../promises/candidates.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { blockWith, namesIn, rowsOf, textOf } from "../support/pages.js";
import { useBlocks } from "../support/run-block.js";

const page = "docs/guides/at-rest.md";
const redis = useRedis();
const blocks = useBlocks();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushDb());
afterEach(() => vi.unstubAllEnvs());

it("its first program makes an app of whose sessions Redis shows neither contents nor ids", async () => {
  vi.stubEnv("SESSION_ENCRYPTION_KEY", randomBytes(32).toString("base64"));
  const app = express();
  await blocks.run(blockWith(page, "hashIds: true }"), {
    app,
    secret,
    redisSession: (options: object) => redisSession({ ...options, client } as never),
  });
  app.get("/", (req, res) => {
    (req.session as unknown as { user: string }).user = "ada";
    res.end(req.sessionID);
  });
  const { text: id } = await request(app).get("/");
  const [key] = await client.keys("*");
  expect(key).toMatch(new RegExp(`^sess:~${createHash("sha256").update(id).digest("hex")}\\{`));
  const stored = await client.get(key!);
  for (const shown of ["ada", "cookie", id]) expect(stored).not.toContain(shown);
});

it("the program that brings sessions which nobody uses leaves none under its id", async () => {
  const ids = Array.from({ length: 30 }, () => randomBytes(24).toString("base64url"));
  const before = new RedisSessionStore({ client });
  for (const id of ids) await before.set(id, { cookie: { originalMaxAge: null }, user: id } as never);
  await client.set("sess:not-a-session", "something else");
  await blocks.run(blockWith(page, "store.ids()"), { client, RedisSessionStore });
  expect((await client.keys("*")).filter((key) => !key.startsWith("sess:~"))).toEqual([]);
  const after = new RedisSessionStore({ client, hashIds: true });
  for (const id of ids) expect(await after.get(id)).toMatchObject({ user: id });
});

describe("the table of steps", () => {
  const rows = rowsOf(page, "to");
  const options = rows.flatMap((cells) => cells.slice(1, 3).flatMap(namesIn));

  it("names every step of both options", () => {
    for (const step of ['hashIds: "prepare"', "hashIds: true", "hashIds: false", "encrypt: true"])
      expect(options).toContain(step);
    for (const step of ["encrypt: { write: false }", "encrypt: { onlyEncrypted: true }"])
      expect(options).toContain(step);
  });

  it("has only what the option takes", () => {
    const [one, other] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];
    for (const text of options) {
      const [, value] = /^encrypt: (.+)$/.exec(text) ?? [];
      if (value === undefined) continue;
      const given = JSON.parse(value.replaceAll(/(\w+):/g, '"$1":'));
      expect(encryptionOf(given, { SESSION_ENCRYPTION_KEY: `${one},${other}` })).toBeDefined();
    }
  });
});

it("beside sessions, what it names is visible", async () => {
  const text = textOf(page).replaceAll(/\s+/g, " ");
  const sessions = redisSession({ client, secret, encrypt: randomBytes(32), hashIds: true });
  const accounts = new RedisAccounts({ client });
  const auth = localAuth({ sessions, accounts });
  const app = express().use(sessions, auth.middleware);
  const account = await accounts.create({ username: "ada", email: "ada@example.org", passwordHash: "x" });
  app.get("/", async (req, res) => {
    await auth.begin(req, account as Account);
    res.end();
  });
  await request(app).get("/").set("User-Agent", "a browser");
  const kinds = new Set((await client.keys("*")).map((key) => key.split(":")[0]));
  expect([...kinds].sort()).toEqual(["devices", "email", "sess", "throttle", "user", "username"]);
  expect(text).toContain("the counts of wrong passwords");
  expect(text).toContain("the lists of devices of `holdfast/auth`");
  expect(text).toContain("`RedisAccounts` with names, e-mail addresses and password hashes");
});
