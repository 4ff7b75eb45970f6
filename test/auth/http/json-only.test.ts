/** JSON handlers take JSON only, which no form of another site can send. */
import express from "express";
import { agent } from "supertest";
import { expect, it } from "vitest";
import { redisSession } from "holdfast";
import { localAuth } from "holdfast/auth";
import { MemoryStore } from "express-session";
import { AccountsInMemory } from "../../support/accounts-in-memory.js";
import { secret } from "../../support/auth-site.js";
import { useRedis } from "../../support/servers/use-redis.js";

const redis = useRedis();

it("JSON handlers answer 415 to whatever a form or a foreign script can send, and nothing is done", async () => {
  const sessions = redisSession({ store: new MemoryStore(), secret });
  const client = await redis.client();
  const auth = localAuth({ sessions, client, accounts: new AccountsInMemory(), throttle: false });
  const site = express();
  site.use(sessions, auth.middleware, express.json(), express.urlencoded({ extended: false }), express.text());
  const { devices: _get, session, ...posts } = auth.json();
  for (const [name, handler] of Object.entries(posts)) site.post(`/${name}`, handler);
  site.get("/session", session);
  const ada = { username: "Ada", password: "correct horse", current: "correct horse", device: "x" };
  const visitor = agent(site);
  expect((await visitor.post("/register").send(ada)).status).toBe(201);
  for (const name of Object.keys(posts)) {
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
      "application/jsonp",
    ]) {
      const { status, body } = await visitor.post(`/${name}`).type(type).send(JSON.stringify(ada));
      expect([name, status, body.reason]).toEqual([name, 415, "json-required"]);
    }
    expect([name, (await visitor.post(`/${name}`)).status]).toEqual([name, 415]);
  }
  expect((await visitor.get("/session")).body.user.username).toBe("Ada");
  expect((await visitor.post("/logOut").type("application/json; charset=utf-8").send("{}")).status).toBe(200);
  expect((await visitor.get("/session")).body.user).toBeNull();
});
