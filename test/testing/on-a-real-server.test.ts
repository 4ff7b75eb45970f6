/** What `holdfast/testing` does for visitors works with sessions on a real server too, however they are stored there. */
import { randomBytes } from "node:crypto";
import express, { type Request } from "express";
import type { RedisClientType } from "redis";
import { agent as makeAgent } from "supertest";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { redisSession } from "holdfast";
import { localAuth, RedisAccounts, requireLogin } from "holdfast/auth";
import { beginSession, logInAs, sessionOf } from "holdfast/testing";
import { useRedis } from "../support/servers/use-redis.js";

const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushDb());

const stored = {
  json: {},
  hash: { layout: "hash" },
  compressed: { compress: 1 },
  "under hashes of their ids": { hashIds: true },
  encrypted: { encrypt: randomBytes(32) },
} as const;

describe.each(Object.entries(stored))("sessions as %s", (_, options) => {
  it("an agent gets a session and a login, and its session can be looked at", async () => {
    const sessions = redisSession({ client, secret: "a secret of at least 32 characters", ...options });
    const auth = localAuth({ sessions, accounts: new RedisAccounts({ client }) });
    const app = express().set("env", "test");
    app.use(sessions, auth.middleware);
    app.get("/", (req: Request & { session: { n?: number } }, res) => {
      req.session.n = (req.session.n ?? 0) + 1;
      res.json(req.session.n);
    });
    app.get("/me", requireLogin(), (req, res) => void res.json(req.user));

    const agent = makeAgent(app);
    await beginSession(agent, sessions, { n: 41 });
    expect((await agent.get("/").expect(200)).body).toBe(42);
    expect(await sessionOf(agent, sessions)).toEqual({ n: 42 });
    await agent.get("/me").expect(401);
    await logInAs(agent, sessions, { id: "7", username: "ada" }, { session: { n: 1 } });
    expect((await agent.get("/me").expect(200)).body).toMatchObject({ id: "7", username: "ada" });
    expect(await sessionOf(agent, sessions)).toMatchObject({ n: 1, login: { user: { id: "7" } } });
    await auth.endLogins("7");
    await agent.get("/me").expect(401);
  });
});
