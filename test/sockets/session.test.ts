/** `req.session` of an open socket, long after its handshake: read, saved, renewed, ended; what cannot work is refused. */
import type { RedisClientType } from "redis";
import { redisSession, RedisSessionStore, sum, type RedisSessionOptions } from "holdfast";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { secret } from "../promises/candidates.js";
import { useRedis } from "../support/servers/use-redis.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import { Visitor } from "../support/web-site.js";
import { call, kinds, type SocketSite } from "./kinds.js";

const redis = useRedis();
let client: RedisClientType;
const sites: SocketSite[] = [];
expectNothingUnhandled();

beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushDb());
afterEach(() => {
  for (const site of sites.splice(0)) site.close();
});

const warnings: { code?: string }[] = [];
process.on("warning", (warning: { code?: string }) => warnings.push(warning));
const warned = (code: string) => warnings.filter((warning) => warning.code === code).length;

const layouts = ["json", "hash"] as const;
const cases = Object.keys(kinds).flatMap((kind) => layouts.map((layout) => [kind, layout] as const));

describe.each(cases)("%s, layout %s", (kind, layout) => {
  async function start(options: RedisSessionOptions = {}) {
    const sessions = redisSession({ client, secret, layout, merge: { views: sum }, ...options } as RedisSessionOptions);
    const site = await kinds[kind]!(sessions as never, async (req, res, url) => {
      const { session } = req;
      if (url.pathname === "/view") session["views"] = ((session["views"] as number) ?? 0) + 1;
      if (url.pathname === "/leave") await call(req, "destroy");
      res.end(JSON.stringify(req.session ?? null));
    });
    sites.push(site);
    const visitor = new Visitor({ url: site.url, close: async () => {} });
    await visitor.get("/view");
    const stored = async () =>
      (await new RedisSessionStore({ client, layout }).get(visitor.id)) as unknown as Record<string, unknown> | null;
    return { site, visitor, stored, key: () => `sess:${visitor.id}` };
  }

  it("reads what pages have changed since, and merges what both have changed", async () => {
    const { site, visitor, stored } = await start();
    const req = await site.open(visitor.cookie!);
    expect(req.session["views"]).toBe(1);
    await visitor.get("/view");
    await call(req, "reload");
    expect(req.session["views"]).toBe(2);
    await visitor.get("/view");
    req.session["views"] += 10;
    req.session["said"] = "hello";
    await call(req, "save");
    expect(await stored()).toMatchObject({ views: 13, said: "hello" });
    await visitor.get("/view");
    req.session["said"] = "again";
    await call(req, "save");
    expect(await stored()).toMatchObject({ views: 14, said: "again" });
  });

  it("a save without a change gives the session its full lifetime", async () => {
    const { site, visitor, key } = await start({ ttl: 1000, touchInterval: 1 });
    const req = await site.open(visitor.cookie!);
    expect(req.session["views"]).toBe(1);
    await client.expire(key(), 500);
    await new Promise((resolve) => setTimeout(resolve, 1100)); // the touch interval, in seconds
    await call(req, "save");
    await expect.poll(() => client.ttl(key())).toBeGreaterThan(990);
  });

  it("what was destroyed meanwhile stays so, whatever the socket does", async () => {
    const { site, visitor, stored } = await start();
    const req = await site.open(visitor.cookie!);
    req.session["said"] = "hello";
    const { id } = visitor;
    await visitor.get("/leave");
    await expect(call(req, "save")).rejects.toMatchObject({ code: "SESSION_GONE" });
    await expect(call(req, "reload")).rejects.toMatchObject({
      code: "SESSION_GONE",
      message: "failed to load session",
    });
    req.session["said"] = "again";
    await expect(call(req, "save")).rejects.toMatchObject({ code: "SESSION_GONE" });
    expect(await client.exists(`sess:${id}`)).toBe(0);
    expect(await stored()).toBeNull();
  });

  it("can be destroyed from the socket", async () => {
    const { site, visitor, key } = await start();
    const req = await site.open(visitor.cookie!);
    await call(req, "destroy");
    expect(await client.exists(key())).toBe(0);
  });

  it("gets no new id that the browser would not learn", async () => {
    const { site, visitor, stored, key } = await start();
    const req = await site.open(visitor.cookie!);
    const done = call(req, "regenerate");
    if (kind === "engine.io with long polling") {
      // The response to the handshake is over: as in express-session, the session ends.
      await done;
      expect(await client.exists(key())).toBe(0);
    } else {
      await expect(done).rejects.toMatchObject({ code: "SESSION_COOKIE_UNSENT" });
      expect(await stored()).toMatchObject({ views: 1 });
      req.session["said"] = "still here";
      await call(req, "save");
      expect(await stored()).toMatchObject({ views: 1, said: "still here" });
    }
  });
});

describe("a session that begins on a socket", () => {
  it.each(Object.keys(kinds))("is warned of, because no cookie leads to it: %s", async (kind) => {
    const before = warned("SESSION_COOKIE_UNSENT");
    const site = await kinds[kind]!(redisSession({ client, secret }) as never, (_req, res) => res.end());
    sites.push(site);
    const req = await site.open("");
    req.session["said"] = "hello";
    await call(req, "save");
    await call(req, "save");
    // Once per process: whichever kind comes first.
    await expect.poll(() => warned("SESSION_COOKIE_UNSENT")).toBe(Math.max(1, before));
  });
});
