/** Limits by address hold behind every proxy, and without Express; where there is no address, that is said. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { redisSession } from "holdfast";
import { localAuth } from "holdfast/auth";
import type { RedisClientType } from "redis";
import request from "supertest";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { AccountsInMemory } from "../support/accounts-in-memory.js";
import { authSite, secret } from "../support/auth-site.js";
import { useRedis } from "../support/servers/use-redis.js";

const guess = { username: "Ada", password: "wrong horse" };
const warnings: { code?: string; message: string }[] = [];
const note = (warning: Error) => void warnings.push(warning);
const redis = useRedis();
let client: RedisClientType;

beforeAll(async () => {
  client = await redis.client();
  process.on("warning", note);
});
beforeEach(() => client.flushDb());
afterAll(async () => {
  process.off("warning", note);
});

/** The status of each of eight guesses, made one after another. */
async function guesses(send: (n: number) => request.Test): Promise<number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < 8; n++) statuses.push((await send(n)).status);
  return statuses;
}

const fiveThenNoMore = [401, 401, 401, 401, 401, 429, 429, 429];

it.each([
  ["Azure Application Gateway, IIS ARR", (n: number) => `203.0.113.7:${50_000 + n}`],
  ["AWS' load balancer that keeps ports", (n: number) => `[2001:db8:0:7::${n + 1}]:${50_000 + n}`],
  ["one that writes IPv6 without brackets", (n: number) => `2001:db8:0:7:0:0:0:${n + 1}:${50_000 + n}`],
  ["a dual socket", (n: number) => `::ffff:203.0.113.7:${50_000 + n}`],
  ["no address at all", (n: number) => `unknown-${n}`],
])("five guesses from one visitor, each over a new connection, behind %s", async (_, from) => {
  const { app } = authSite({ redis: client, throttle: {} });
  const send = (n: number) => request(app).post("/api/login").set("X-Forwarded-For", from(n)).send(guess);
  expect(await guesses(send)).toEqual(fiveThenNoMore);
  const stranger = await request(app).post("/api/login").set("X-Forwarded-For", "198.51.100.1").send(guess);
  expect(stranger.status).toBe(401);
});

/** Without Express there is no `req.ip`. */
function bareSite(addressOf?: (req: IncomingMessage) => string | undefined) {
  const sessions = redisSession({ client, secret });
  const auth = localAuth({ sessions, accounts: new AccountsInMemory(), ...(addressOf && { addressOf }) });
  const events: unknown[] = [];
  auth.events.on("login-failed", ({ address }) => events.push(address));
  const { logIn } = auth.json();
  const server = createServer((req, res) => {
    const failed = (target: ServerResponse) => (error?: unknown) => void target.writeHead(500).end(String(error));
    sessions(req, res, () => {
      Object.assign(req, { body: guess });
      logIn(req, res, failed(res));
    });
  });
  return { server, events };
}

it("without Express, `addressOf` says where a request comes from, for limits and for events", async () => {
  const { server, events } = bareSite((req) => req.headers["x-real-ip"] as string);
  const from = (address: string) => () => request(server).post("/").type("json").set("X-Real-IP", address);
  expect(await guesses(from("203.0.113.7:55"))).toEqual(fiveThenNoMore);
  expect(await guesses(from("203.0.113.8"))).toEqual(fiveThenNoMore);
  expect(new Set(events)).toEqual(new Set(["203.0.113.7", "203.0.113.8"]));
});

it("where everybody has the proxy's address, or none, that is said once", async () => {
  warnings.length = 0;
  const { server } = bareSite();
  expect(await guesses(() => request(server).post("/").type("json").set("X-Forwarded-For", "203.0.113.7"))).toEqual(
    fiveThenNoMore,
  );
  expect(
    await guesses(() =>
      request(bareSite(() => undefined).server)
        .post("/")
        .type("json"),
    ),
  ).toEqual(fiveThenNoMore);
  const said = warnings.filter(({ code }) => code === "HOLDFAST_VISITOR_ADDRESS").map(({ message }) => message);
  // The one about no address may have been said before, by the first of these tests.
  expect(said.filter((message) => message.includes("X-Forwarded-For was counted"))).toHaveLength(1);
  expect(said.join()).not.toContain("203.0.113");
});
