/** Promise 3: a session that ended while a request was running is not written back by that request. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { RedisClientType } from "redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RedisSessionStore, type LostChange } from "holdfast";
import { useRedis } from "../support/servers/use-redis.js";
import { Meeting, startSite, Visitor, type Handler, type Site } from "../support/web-site.js";
import { compressing, connectRedis, encrypting, ours, type Candidate } from "./candidates.js";

/** The races of the issue are run 200 times; where only the form of what is stored differs, fewer times will do. */
const timesOf = (candidate: Candidate) => (ours.includes(candidate) ? 200 : 40);

const redis = useRedis();
let client: RedisClientType;
let otherProcess: ChildProcess;

beforeAll(async () => {
  client = await redis.client();
  otherProcess = fork(fileURLToPath(new URL("../support/destroyer.mjs", import.meta.url)), [redis.url]);
  await once(otherProcess, "message");
});
afterAll(async () => {
  otherProcess.kill();
});

/** The ways in which a session can end while a slow request is under way. */
const endings: Record<string, (visitor: Visitor) => Promise<unknown>> = {
  logout: (visitor) => visitor.get("/logout"),
  "a new id (regenerate)": (visitor) => visitor.get("/regenerate"),
  "store.destroy in another process": async (visitor) => {
    otherProcess.send(visitor.id);
    await once(otherProcess, "message");
  },
  expiry: async (visitor) => {
    await client.pExpire(`sess:${visitor.id}`, 1);
    while (await client.exists(`sess:${visitor.id}`));
  },
};

/** A slow request loads the session, the session ends, the slow request changes it and ends. How many came back? */
async function resurrections(candidate: Candidate, end: (visitor: Visitor) => Promise<unknown>, rounds: number) {
  let loaded = new Meeting(2);
  let ended = new Meeting(2);
  const handler: Handler = async (req, res, url) => {
    const { session } = req;
    const perform = (method: "destroy" | "regenerate") =>
      new Promise<void>((resolve, reject) => session[method]((error: unknown) => (error ? reject(error) : resolve())));
    if (url.pathname === "/login") session["user"] = "anna";
    if (url.pathname === "/logout") await perform("destroy");
    if (url.pathname === "/regenerate") await perform("regenerate");
    if (url.pathname === "/slow") {
      session["pages"] = (session["pages"] ?? 0) + 1;
      await loaded.arrive();
      await ended.arrive();
      session["slow"] = true;
    }
    res.end();
  };
  const site: Site = await startSite(candidate.create({ client, maxAge: 60_000 }), handler);
  let alive = 0;
  let cookiesForTheDead = 0;
  for (let round = 0; round < rounds; round++) {
    loaded = new Meeting(2);
    ended = new Meeting(2);
    const visitor = new Visitor(site);
    await visitor.get("/login");
    const { id } = visitor;
    expect(await client.exists(`sess:${id}`)).toBe(1);
    const slow = new Visitor(site, visitor.cookie);
    const answer = slow.get("/slow");
    await loaded.arrive();
    await end(visitor);
    await ended.arrive();
    expect((await answer).status).toBe(200);
    alive += await client.exists(`sess:${id}`);
    if ((await answer).cookie !== undefined) cookiesForTheDead++;
  }
  await site.close();
  return { alive, cookiesForTheDead };
}

describe.each([...ours, ...compressing, ...encrypting])("$name", (candidate) => {
  test.each(Object.entries(endings))(
    `none of ${timesOf(candidate)} comes back after %s`,
    { timeout: 60_000 },
    async (_name, end) => {
      expect((await resurrections(candidate, end, timesOf(candidate))).alive).toBe(0);
    },
  );
});

test("redisSession sends no cookie for a session that has ended", async () => {
  expect((await resurrections(ours[0]!, endings["logout"]!, 20)).cookiesForTheDead).toBe(0);
});

test.each(Object.entries(endings))(
  "the control: plain connect-redis revives a session after %s",
  async (_name, end) => {
    expect((await resurrections(connectRedis, end, 5)).alive).toBe(5);
  },
);

test("the store tells of a change that was lost with its session, without the id", async () => {
  const store = new RedisSessionStore({ client });
  const lost: LostChange[] = [];
  store.on("lost", (change: LostChange) => lost.push(change));
  await store.set("some-id", { cookie: {} } as never);
  const session = (await store.get("some-id"))!;
  await store.destroy("some-id");
  await store.set("some-id", Object.assign(session, { late: true }));
  expect(lost).toEqual([{ session: expect.stringMatching(/^[0-9a-f]{8}$/), reason: "gone" }]);
  expect(await client.exists("sess:some-id")).toBe(0);
});
