/**
 * docs/guides/from-connect-mongo.md: its steps, with a legacy store that has no source. The store is in memory and
 * asynchronous, and has what connect-mongo 6 has of express-session's contract; a MongoDB is not here.
 */
import express from "express";
import { Store, type SessionData } from "express-session";
import type { RedisClientType } from "redis";
import { agent } from "supertest";
import { afterAll, afterEach, beforeEach, expect, it, vi } from "vitest";
import { MoveControl, type MigratingStore } from "holdfast/migrate";
import { secret } from "../../promises/candidates.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { blocksOf, blockWith } from "../support/pages.js";
import { pasted } from "../support/command-in-process.js";
import { useBlocks } from "../support/run-block.js";

const page = "docs/guides/from-connect-mongo.md";
const [turns, finish, back] = blocksOf(page, "sh").map(({ text }) => text.trim().split("\n"));
const redis = useRedis();
const blocks = useBlocks();

type Callback<T = void> = (error?: unknown, result?: T | null) => void;

/** Answers later, touches only what is there, and keeps text and an expiry apart, as connect-mongo does by default. */
class CollectionStore extends Store {
  readonly documents = new Map<string, { session: string; expires: number }>();
  isDown = false;
  /** Seconds, as connect-mongo's option: then sessions carry the date of their last write. */
  touchAfter = 0;
  /** That have been answered. */
  touches = 0;

  static create(_options: { mongoUrl: string }): CollectionStore {
    return made;
  }

  override get(sid: string, callback: Callback<SessionData>): void {
    this.#later(callback, () => {
      const found = this.documents.get(sid);
      if (!found || found.expires <= Date.now()) return null;
      const session = JSON.parse(found.session) as Dated;
      if (this.touchAfter > 0) session.lastModified = new Date();
      return session;
    });
  }

  override set(sid: string, session: SessionData, callback: Callback = () => {}): void {
    const text = JSON.stringify(session);
    this.#later(callback, () => void this.documents.set(sid, { session: text, expires: expiryOf(session) }));
  }

  override touch(sid: string, session: Dated, callback: Callback = () => {}): void {
    const counted: Callback = (error) => {
      this.touches++;
      callback(error);
    };
    this.#later(counted, () => {
      const last = session.lastModified ? session.lastModified.getTime() : 0;
      if (this.touchAfter > 0 && last > 0 && Date.now() - last < this.touchAfter * 1000) return;
      const found = this.documents.get(sid);
      if (!found) throw new Error("Unable to find the session to touch");
      found.expires = expiryOf(session);
    });
  }

  override destroy(sid: string, callback: Callback = () => {}): void {
    this.#later(callback, () => void this.documents.delete(sid));
  }

  #later<T>(callback: Callback<T>, work: () => T | null): void {
    setTimeout(() => {
      let result: T | null;
      try {
        if (this.isDown) throw new Error("connect ECONNREFUSED 127.0.0.1:27017");
        result = work();
      } catch (error) {
        return callback(error);
      }
      callback(null, result);
    }, 2);
  }
}

type Dated = SessionData & { lastModified?: Date };

function expiryOf({ cookie }: SessionData): number {
  return cookie.expires ? new Date(cookie.expires).getTime() : Date.now() + 14 * 86_400_000;
}

let made: CollectionStore;
let client: RedisClientType;
let app: express.Express;
let store: MigratingStore;

beforeEach(async () => {
  client = await redis.client();
  await client.flushDb();
  made = new CollectionStore();
  app = express().set("env", "test");
  const given = { MongoStore: CollectionStore, app, client, secret };
  ({ store } = (await blocks.run(blockWith(page, "MongoStore.create"), given, ["store"])) as { store: MigratingStore });
  app.get("/login/:name", (req, res) => {
    (req.session as unknown as { user: string }).user = req.params.name;
    res.end();
  });
  app.get("/logout", (req, res, next) => req.session.destroy((error) => (error ? next(error) : res.end())));
  app.get("/", (req, res) => void res.send(String((req.session as unknown as { user?: string }).user)));
  const control = new MoveControl(client as never);
  await vi.waitUntil(async () => (await control.processes()).length === 1, { timeout: 15_000 });
});
afterEach(() => store.close());
afterAll(() => void delete process.env["REDIS_URL"]);

async function loggedIn(name: string) {
  const visitor = agent(app);
  await visitor.get(`/login/${name}`).expect(200);
  return visitor;
}
const user = async (visitor: ReturnType<typeof agent>) => (await visitor.get("/").expect(200)).text;
const inRedis = async () => (await client.keys("sess:*")).length;

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
  expect([made.documents.size, await inRedis()]).toEqual([1, 0]);
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
  made.isDown = true;
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
  const [sid] = [...made.documents.keys()];
  const copy = made.documents.get(sid!)!;
  await type(turns);
  await ada.get("/logout").expect(200);
  expect(made.documents.size).toBe(1); // the marker of the move
  made.documents.set(sid!, copy); // as a slow process without a MigratingStore would
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
    made.isDown = true;
    expect(await user(ada)).toBe("ada");
    expect((await bob.get("/")).status).toBe(503);
    made.isDown = false;
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
  const users = [...made.documents.values()].map(({ session }) => (JSON.parse(session) as { user?: string }).user);
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
])("MongoDB is refreshed for whoever has moved, %s", { timeout: 120_000 }, async (_, touchAfter, isRefreshed) => {
  made.touchAfter = touchAfter;
  const ada = await loggedIn("ada");
  const [sid] = [...made.documents.keys()];
  await start();
  await type(turns);
  const document = made.documents.get(sid!)!;
  document.expires = Date.now() + 60_000;
  expect(await user(ada)).toBe("ada"); // has moved, and may have been refreshed already
  const session = await new Promise<SessionData>((resolve) => store.get(sid!, (_error, found) => resolve(found!)));
  expect("lastModified" in session).toBe(touchAfter > 0);
  await new Promise<void>((resolve) => store.touch(sid!, session, () => resolve()));
  await vi.waitUntil(() => made.touches > 0);
  expect(document.expires > Date.now() + 86_400_000).toBe(isRefreshed);
});
