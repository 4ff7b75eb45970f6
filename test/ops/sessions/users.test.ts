/** The logins and sessions of one user, with `holdfast/auth` and with passport alone. */
import { createHash } from "node:crypto";
import type { RedisClientType } from "redis";
import { createClient } from "redis";
import type { SessionData } from "express-session";
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { RedisSessionStore } from "holdfast";
import { sessionAdmin } from "holdfast/ops";
import { authSite, type AuthSite, type AuthSiteOptions } from "../../support/auth-site.js";
import { callsOf } from "../../support/commands.js";
import { useRedis } from "../../support/servers/use-redis.js";

const server = useRedis({ kind: "redis" });
let client: RedisClientType;
beforeAll(async () => {
  client = await server.client();
});
beforeEach(() => client.flushAll());

const label = (id: string) => createHash("sha256").update(id).digest("hex").slice(0, 8);
const password = "correct horse battery";
const adminOf = (redis: unknown = client, options = {}) =>
  sessionAdmin({ store: new RedisSessionStore({ client: redis as RedisClientType }) }, options);

async function all<T>(found: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of found) list.push(one);
  return list;
}

async function register(site: AuthSite, username: string) {
  const visitor = site.visitor();
  await visitor.post("/api/register").send({ username, password }).expect(201);
  const { body } = await visitor.get("/me").expect(200);
  return { visitor, user: body.user.id as string, session: body.id as string };
}

async function logIn(site: AuthSite, username: string) {
  const visitor = site.visitor();
  await visitor.post("/api/login").set("User-Agent", firefox).send({ username, password }).expect(200);
  const { body } = await visitor.get("/me").expect(200);
  return { visitor, user: body.user.id as string, session: body.id as string };
}

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

describe.each([{ prefix: "" }, { prefix: "shop:" }])("with holdfast/auth and the prefix $prefix", ({ prefix }) => {
  const open = (options: Partial<AuthSiteOptions> = {}) =>
    authSite({ redis: client, prefix, ...options } as AuthSiteOptions);
  const admin = (redis?: unknown) => adminOf(redis, { authPrefix: prefix });

  it("a session names its user and the age of its login", async () => {
    const { user, session } = await register(open(), "ada");
    const [listed] = await all(admin().list({ user }));
    expect(listed).toMatchObject({ session: label(session), user, username: "ada", idle: expect.toBeOneOf([0, 1]) });
    expect(listed!.age).toBeOneOf([0, 1]);
  });

  it("a user's logins come from their list, without a look at any session", async () => {
    const site = open();
    const { user } = await register(site, "ada");
    await logIn(site, "ada");
    await register(site, "eve");
    const scans = () => callsOf(client, "scan");
    const before = await scans();
    const logins = await admin().logins(user);
    expect(await scans()).toBe(before);
    expect(logins.map(({ agent }) => agent)).toEqual(["Firefox on Linux", expect.any(String)]);
    expect(await admin().logins("nobody")).toEqual([]);
  });

  it("ending a session ends its login, and no other", async () => {
    const site = open();
    const first = await register(site, "ada");
    const second = await logIn(site, "ada");
    expect(await admin().end(label(first.session))).toBe(true);
    expect((await first.visitor.get("/me")).body.user).toBeNull();
    expect((await second.visitor.get("/me")).body.user).toMatchObject({ username: "ada" });
    expect(await admin().logins(first.user)).toHaveLength(1);
  });

  it("ending a user ends every login and session, also one that the scan does not find", async () => {
    const site = open();
    const first = await register(site, "ada");
    const second = await logIn(site, "ada");
    const eve = await register(site, "eve");
    const saved = await client.get(`sess:${second.session}`);
    expect(await admin().endUser(first.user)).toEqual({ sessions: 2, logins: true });
    await client.set(`sess:${second.session}`, saved!); // as if it had been missed
    for (const { visitor } of [first, second]) expect((await visitor.get("/me")).body.user).toBeNull();
    expect((await eve.visitor.get("/me")).body.user).toMatchObject({ username: "eve" });
    expect(await admin().logins(first.user)).toEqual([]);
    expect((await logIn(site, "ada")).user).toBe(first.user);
  });

  it("a Redis user without the right to the lists can end no user who has a login, and nothing is half done", async () => {
    const { user } = await register(open(), "ada");
    const rights = "on nopass resetkeys ~sess:* resetchannels +@all -@dangerous".split(" ");
    await client.sendCommand(["ACL", "SETUSER", "narrow", "reset", ...rights]);
    const narrow = await createClient({ url: server.url, username: "narrow", password: "any" })
      .on("error", () => {})
      .connect();
    onTestFinished(() => narrow.destroy());
    await expect(admin(narrow).endUser(user)).rejects.toMatchObject({ reason: "no-permission" });
    expect(await all(admin().list({ user }))).toHaveLength(1);
    expect(await admin(narrow).endUser("passport-only")).toEqual({ sessions: 0, logins: false });
  });
});

describe("with passport alone", () => {
  it("all sessions of the user end, and no list is created", async () => {
    const store = new RedisSessionStore({ client });
    for (let n = 0; n < 200; n++) {
      const data = { cookie: { originalMaxAge: null }, passport: { user: n % 2 ? 7 : "8" } };
      await store.set(`id-${n}`, data as unknown as SessionData);
    }
    const told: number[] = [];
    expect(await adminOf().endUser(7, { onProgress: (done) => told.push(done) })).toEqual({
      sessions: 100,
      logins: false,
    });
    expect(told.at(-1)).toBe(100);
    expect(await adminOf().count()).toBe(100);
    expect(await client.keys("*devices*")).toEqual([]);
  });

  it.each(["", null, {}, 1.5])("%j is no user", async (user) => {
    await expect(adminOf().endUser(user as never)).rejects.toMatchObject({ code: "HOLDFAST_USER_ID_INVALID" });
  });
});
