/**
 * docs/guides/from-connect-mongo.md: its steps, with connect-mongo itself, which has no source. Its collection is in memory;
 * with HOLDFAST_TEST_MONGO_URL, it is one of a MongoDB, which the tests empty.
 */
import { MongoStore } from "connect-mongo";
import express from "express";
import type { SessionData } from "express-session";
import type { RedisClientType } from "redis";
import { agent } from "supertest";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { MoveControl, type MigratingStore } from "holdfast/migrate";
import { secret } from "../../promises/candidates.js";
import { MemoryCollection, type MongoDocument } from "../../support/mongo-collection.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { blocksOf, blockWith } from "../support/pages.js";
import { pasted } from "../support/command-in-process.js";
import { useBlocks } from "../support/run-block.js";

const page = "docs/guides/from-connect-mongo.md";
const [turns, finish, back] = blocksOf(page, "sh").map(({ text }) => text.trim().split("\n"));
const redis = useRedis();
const blocks = useBlocks();

let collection: Pick<MemoryCollection, keyof MemoryCollection>;
let close = async () => {};
/** MongoDB cannot be reached. */
let isDown: boolean;
/** Seconds: then sessions carry the date of their last write. */
let touchAfter: number;
/** How many have been answered. */
let touches: number;

let client: RedisClientType;
let app: express.Express;
let store: MigratingStore;

beforeAll(async () => {
  const url = process.env["HOLDFAST_TEST_MONGO_URL"];
  if (!url) return void (collection = new MemoryCollection());
  const { MongoClient } = await import("mongodb");
  const mongo = await new MongoClient(url).connect();
  collection = mongo.db("holdfast_test").collection<MongoDocument>("sessions") as unknown as MemoryCollection;
  close = () => mongo.close();
});
afterAll(() => close());

/** The collection, as the store meets it. */
const asReached = (): object =>
  new Proxy(collection, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...args: unknown[]): unknown =>
        isDown
          ? Promise.reject(new Error("connect ECONNREFUSED 127.0.0.1:27017"))
          : Reflect.apply(method, target, args);
    },
  });

/** What the program of the page creates. */
function create(): MongoStore {
  const client = { db: () => ({ collection: asReached }), close: async () => {} };
  const made = MongoStore.create({ client: client as never, touchAfter });
  const touch = made.touch.bind(made);
  made.touch = (sid, session, callback) =>
    touch(sid, session, (error) => {
      touches++;
      callback?.(error);
    });
  return made;
}

beforeEach(async () => {
  client = await redis.client();
  await client.flushDb();
  await collection.deleteMany();
  [isDown, touchAfter, touches] = [false, 0, 0];
  await startApp();
});
afterEach(() => store.close());
afterAll(() => void delete process.env["REDIS_URL"]);

async function startApp(): Promise<void> {
  app = express().set("env", "test");
  const given = { MongoStore: { create }, app, client, secret };
  ({ store } = (await blocks.run(blockWith(page, "MongoStore.create"), given, ["store"])) as { store: MigratingStore });
  app.get("/login/:name", (req, res) => {
    (req.session as unknown as { user: string }).user = req.params.name;
    res.end();
  });
  app.get("/logout", (req, res, next) => req.session.destroy((error) => (error ? next(error) : res.end())));
  app.get("/", (req, res) => void res.send(String((req.session as unknown as { user?: string }).user)));
  const control = new MoveControl(client as never);
  await vi.waitUntil(async () => (await control.processes()).length === 1, { timeout: 15_000 });
}

async function loggedIn(name: string) {
  const visitor = agent(app);
  await visitor.get(`/login/${name}`).expect(200);
  return visitor;
}
const user = async (visitor: ReturnType<typeof agent>) => (await visitor.get("/").expect(200)).text;
const inRedis = async () => (await client.keys("sess:*")).length;
const documents = () => collection.find().toArray();

async function start(): Promise<void> {
  process.env["REDIS_URL"] = redis.url;
  await blocks.load(blockWith(page, "start-move.mjs"), (text) => text.replace(/^console.*$/m, ""));
}

async function type(lines: readonly string[] | undefined): Promise<string> {
  let printed = "";
  for (const line of lines!) {
    const { code, stdout, stderr } = await pasted(line, { REDIS_URL: redis.url });
    expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: expect.any(String) });
    printed += stdout;
  }
  return printed;
}

it("nothing changes before the first step", async () => {
  await loggedIn("ada");
  expect([(await documents()).length, await inRedis()]).toEqual([1, 0]);
});

it("each session moves at its visitor's next visit, and nobody is logged out", { timeout: 120_000 }, async () => {
  const [ada, bob] = [await loggedIn("ada"), await loggedIn("bob")];
  await start();
  const eve = await loggedIn("eve");
  expect(await inRedis()).toBe(1); // what is new is in both; nothing was copied in advance
  await type(turns);
  expect(store.state).toMatchObject({ phase: "moving", dial: 100 });
  expect([await user(ada), await user(eve)]).toEqual(["ada", "eve"]);
  expect(await inRedis()).toBe(2); // Bob has not come back yet
  expect(await user(bob)).toBe("bob");
  expect(await inRedis()).toBe(3);

  await type(finish);
  await expect.poll(() => store.state.phase).toBe("finished");
  isDown = true;
  expect([await user(ada), await user(bob), await user(eve)]).toEqual(["ada", "bob", "eve"]);
});

it("a session lives in Redis as long as connect-mongo would have kept it", { timeout: 120_000 }, async () => {
  const ada = await loggedIn("ada");
  await start();
  await type(turns);
  await user(ada);
  const [key] = await client.keys("sess:*");
  expect(await client.ttl(key!)).toBeGreaterThan(13 * 86_400);
});

it("a logout is one in both, and a late copy does not undo it", { timeout: 120_000 }, async () => {
  const ada = await loggedIn("ada");
  await start();
  const copy = (await documents()).find(({ session }) => session.includes("ada"))!;
  await type(turns);
  await ada.get("/logout").expect(200);
  expect(await documents()).toHaveLength(1); // the marker of the move
  await collection.insertOne(copy); // as a slow process without a MigratingStore would
  expect(await user(ada)).toBe("undefined");
});

it(
  "while MongoDB is down, who has moved goes on, and nobody is logged out on a guess",
  { timeout: 120_000 },
  async () => {
    const [ada, bob] = [await loggedIn("ada"), await loggedIn("bob")];
    await start();
    await type(turns);
    expect(await user(ada)).toBe("ada");
    isDown = true;
    expect(await user(ada)).toBe("ada");
    expect((await bob.get("/")).status).toBe(503);
    isDown = false;
    expect(await user(bob)).toBe("bob");
  },
);

it("the way back: MongoDB has everything, new sessions and logouts included", { timeout: 120_000 }, async () => {
  const ada = await loggedIn("ada");
  await start();
  await type(turns);
  const eve = await loggedIn("eve");
  await user(ada);
  await ada.get("/logout").expect(200);
  await type(back);
  expect(store.state.dial).toBe(0);
  expect([await user(eve), await user(ada)]).toEqual(["eve", "undefined"]);
  const users = (await documents()).map(({ session }) => (JSON.parse(session) as { user?: string }).user);
  expect(users.filter(Boolean)).toEqual(["eve"]);
});

it("without --accept-loss, the dial stays where it is, and says why", { timeout: 120_000 }, async () => {
  await start();
  const { code, stderr } = await pasted(turns!.at(-1)!.replace(" --accept-loss", ""), { REDIS_URL: redis.url });
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining("The stores have not been compared since this move began"),
  ]);
  expect(store.state.dial).toBe(0);
});

it.each([
  ["without touchAfter", 0, true],
  ["with it, which is why it is removed first", 60, false],
])("MongoDB is refreshed for whoever has moved, %s", { timeout: 120_000 }, async (_, seconds, isRefreshed) => {
  await store.close();
  await client.flushDb(); // and with it, what that process said of itself
  touchAfter = seconds;
  await startApp();
  const ada = await loggedIn("ada");
  const [{ _id: sid }] = (await documents()) as [MongoDocument];
  await start();
  await type(turns);
  await collection.updateOne({ _id: sid }, { $set: { expires: new Date(Date.now() + 60_000) } });
  expect(await user(ada)).toBe("ada"); // has moved, and may have been refreshed already
  const session = await new Promise<SessionData>((resolve) => store.get(sid, (_error, found) => resolve(found!)));
  expect("lastModified" in session).toBe(seconds > 0);
  await new Promise<void>((resolve) => store.touch(sid, session, () => resolve()));
  await vi.waitUntil(() => touches > 0, { timeout: 15_000 });
  const { expires } = (await collection.findOne({ _id: sid }))!;
  expect(expires.getTime() > Date.now() + 86_400_000).toBe(isRefreshed);
});
