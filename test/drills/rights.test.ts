/** Each feature with the rights that docs/production.md gives it: Redis refuses nothing, and none of them is idle. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import express from "express";
import { createClient, type RedisClientType } from "redis";
import { agent } from "supertest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { redisSession, RedisSessionStore } from "holdfast";
import { localAuth, RedisAccounts } from "holdfast/auth";
import { pulse, readPulses, sessionAdmin } from "holdfast/ops";
import { DeviceList } from "../../lib/auth/logins/device-list.js";
import { MoveControl } from "../../lib/migrate/state/control.js";
import { guardClient } from "../../lib/redis/guard/guarded-client.js";
import { authSite, secret } from "../support/auth-site.js";
import { startCluster, type TestCluster } from "../support/servers/redis-cluster.js";
import { redisServerPath } from "../support/programs.js";
import { useRedis } from "../support/servers/use-redis.js";
import { repositoryOf } from "../../lib/express-session/index.js";

const page = readFileSync(fileURLToPath(new URL("../../docs/production.md", import.meta.url)), "utf8");
const line = /```acl\n(user .*)\n```/.exec(page)![1]!.replace("PASSWORD", "secret");
const addedFor = (what: string) => new RegExp(`Add for \`${what}\`: \`([^\`]*)\``).exec(page)![1]!;
const session = (values: object = {}) => ({ cookie: { originalMaxAge: null }, ...values }) as never;
const password = "a long enough password of theirs";

async function logins(client: RedisClientType): Promise<void> {
  const site = authSite({ redis: client, throttle: {} });
  const visitor = site.visitor();
  const other = site.visitor();
  const ada = { username: "ada", password };
  expect((await visitor.post("/api/register").send(ada)).status).toBeLessThan(300);
  expect((await other.post("/api/login").send({ ...ada, password: "wrong" })).status).toBe(401);
  expect((await other.post("/api/login").send(ada)).status).toBe(200);
  expect((await other.post("/api/login").send(ada)).status).toBe(200);
  const { body } = await visitor.get("/api/devices");
  expect(JSON.stringify(body)).toContain("id");
  const next = `${password}, a new one`;
  const changed = await visitor.post("/api/password").send({ currentPassword: password, newPassword: next });
  expect(changed.status).not.toBe(503);
  expect((await visitor.post("/api/end-others").send({})).status).toBeLessThan(500);
  expect((await visitor.get("/me")).status).toBe(200);
  expect((await visitor.post("/api/logout").send({})).status).toBeLessThan(300);
  // What happens to a list of devices in the long run.
  const timeouts = { usual: { idle: 60, absolute: 60 }, remembered: { idle: 60, absolute: 60 } } as never;
  const list = new DeviceList(guardClient(client as never), { prefix: "", timeouts });
  const entry = { since: 1, seen: 1, agent: "a", where: "b", remembered: false } as never;
  const epoch = (await list.add("u", "d0", entry))!;
  for (let n = 1; n < 120; n++) {
    const replaced = { device: `d${n - 1}`, epoch, since: 1 };
    await list.add("u", `d${n}`, entry, { replaced, unlessRevoked: false });
  }
  const login = { device: "d119", epoch, since: 1 };
  expect(await list.noteSeen("u", login, entry)).toBe(true);
  expect((await list.stateOf("u", login)).status).toBe("holds");
  const now = { ...(entry as object), since: Date.now(), seen: Date.now() } as never;
  await list.add("u", "other", now);
  expect(await list.endOther("u", "other", login)).toBe("ended");
  await list.add("u", "another", now);
  await list.end("u", login);
  await list.endAll("u");
}

async function accounts(client: RedisClientType): Promise<void> {
  const all = new RedisAccounts({ client });
  await client.set("username:ada", "nobody"); // a claim that was left behind
  const made = await all.create({ username: "ada", email: "ada@example.org", passwordHash: "h" });
  if (typeof made === "string") throw new Error(made);
  expect(await all.findByUsername("ada")).toMatchObject({ id: made.id });
  expect(await all.findByEmail("ada@example.org")).toMatchObject({ id: made.id });
  expect(await all.create({ username: "bob", email: "ada@example.org", passwordHash: "h" })).toBe("email-taken");
  expect(await all.changePassword(made.id, "h", "h2")).toBe(true);
  expect(await all.setDisabled(made.id, true)).toBe(true);
  expect(await all.setDisabled(made.id, false)).toBe(true);
  expect(await all.remove(made.id)).toBe(true);
}

async function move(client: RedisClientType): Promise<void> {
  const control = new MoveControl(client as never);
  const report = { host: "h", pid: 1, version: 0, pending: 0, overflowed: false };
  await control.report("one", report);
  expect(await control.change(0, { phase: "moving", dial: 10, doubt: "" })).toBe(true);
  const [known] = await control.processes();
  await control.forget(known!, "it went");
  await control.report("two", report);
  await control.sayGoodbye("two");
  await control.noteUnmirrored("s");
  expect(await control.isUnmirrored("s")).toBe(true);
  expect(await control.countUnmirrored()).toBe(1);
  expect(await control.unmirrored()).toEqual(["s"]);
  await control.clearUnmirrored("s");
  await control.noteBackfill({ after: "a", read: 1 });
  expect(await control.readBackfill()).toEqual({ after: "a", read: 1 });
  await control.clearTraces();
  const store = new RedisSessionStore({ client });
  expect(await repositoryOf(store).transfer.put("a", session({ n: 1 }), { onlyIfAbsent: true })).toBe("put");
  expect(await repositoryOf(store).transfer.put("a", session({ n: 2 }), { onlyIfAbsent: false })).toBe("put");
  expect(await repositoryOf(store).transfer.presenceOf("a")).toBe("lives");
  expect(await repositoryOf(store).transfer.secondsLeft("a")).toBeGreaterThan(0);
  await repositoryOf(store).transfer.bury("a", 10);
  expect(await repositoryOf(store).transfer.put("a", session(), { onlyIfAbsent: true })).toBe("dead");
  for await (const ids of repositoryOf(store).list()) expect(ids).toEqual(["a"]);
}

async function sessions(client: RedisClientType): Promise<void> {
  const store = new RedisSessionStore({ client });
  const admin = sessionAdmin({ store });
  const write = (key: string, ...fields: string[]) =>
    client.eval('return redis.call("HSET", KEYS[1], unpack(ARGV))', { keys: [key], arguments: fields });
  await store.set("a", session({ passport: { user: "7" } }));
  await write("sess:b", "cookie", "{}", "passport", '{"user":"7"}');
  const exported = await all(admin.export());
  await client.unlink("sess:a");
  expect(await admin.import(exported)).toEqual({ imported: 1, existing: 1, expired: 0 });
  await client.unlink("sess:b");
  expect(await admin.import(exported)).toEqual({ imported: 1, existing: 1, expired: 0 });
  expect(await admin.count()).toBe(2);
  await write("devices:7", "epoch", "e");
  expect(await admin.endUser("7")).toEqual({ sessions: 2, logins: true });
  await store.set(
    "c",
    session({ login: { user: { id: "7" }, device: "d", epoch: "e", since: 1, seen: 1, confirmed: 0 } }),
  );
  await write("devices:7", "epoch", "e");
  const [found] = await all(admin.list());
  expect(await admin.end(found!.session)).toBe(true);
  expect(await admin.logins("7")).toEqual([]);
  expect((await new MoveControl(client as never).read()).phase).toBe("off");
}

async function hashedIds(client: RedisClientType): Promise<void> {
  await new RedisSessionStore({ client }).set("a", session({ n: 1 }));
  for (const hashIds of ["prepare", "move", true, "move", "prepare", "move"] as const) {
    const store = new RedisSessionStore({ client, hashIds });
    const found = await store.get("a");
    expect(found).not.toBeNull();
    await store.set("a", Object.assign(found!, { n: hashIds }));
    expect(await store.get("nobody")).toBeNull();
    await store.set("b", session());
    await store.destroy("b");
    expect(await store.length()).toBe(1);
  }
}

async function all<T>(found: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of found) list.push(one);
  return list;
}

async function pulses(client: RedisClientType): Promise<void> {
  const running = pulse({ store: new RedisSessionStore({ client }) });
  await expect.poll(async () => (await readPulses(client)).processes).toMatchObject([{ id: running.id }]);
  await running.stop();
  expect((await readPulses(client)).processes).toEqual([]);
}

/** All of logins, and one that is ended through the user's own connection, and heard of by itself. */
async function sockets(client: RedisClientType): Promise<void> {
  await logins(client);
  const sessions = redisSession({ client, secret });
  const auth = localAuth({ sessions });
  const app = express();
  let socket: express.Request | undefined;
  app.use(sessions, auth.middleware);
  app.post("/login", async (req, res) => {
    await auth.begin(req, { id: "7", username: "ada", createdAt: 0 });
    socket = req;
    res.end();
  });
  expect((await agent(app).post("/login")).status).toBe(200);
  const ends: string[] = [];
  const stop = auth.onEnded(socket!, (reason) => ends.push(reason));
  const hearers = () =>
    client.eval('return redis.call("PUBLISH", KEYS[1], "")', { keys: ["devices:ended"], arguments: [] });
  if (!("slots" in client)) await expect.poll(hearers).toBe(1); // a server of a cluster knows only its own
  await auth.endLogins("7");
  await expect.poll(() => ends, { timeout: 5000 }).toEqual(["ended"]);
  stop();
}

const features = [
  { name: "holdfast/auth", lines: ["holdfast/auth"], run: logins },
  { name: "auth.onEnded", lines: ["holdfast/auth", "auth.onEnded"], run: sockets },
  { name: "RedisAccounts", lines: ["RedisAccounts"], run: accounts },
  { name: "holdfast/migrate", lines: ["holdfast/migrate"], run: move },
  { name: "pulse", lines: ["pulse"], run: pulses },
  { name: "hashIds", lines: ["hashIds"], run: hashedIds },
  { name: "holdfast sessions", lines: ["holdfast sessions"], run: sessions },
];

describe.skipIf(!redisServerPath).each(features)("$name", ({ lines, run }) => {
  const added = lines.map(addedFor).join(" ");
  const redis = useRedis({ kind: "redis" });
  let admin: RedisClientType;
  let client: RedisClientType;
  beforeAll(async () => {
    admin = await redis.client();
    await admin.sendCommand(["ACL", "SETUSER", ...`${line} ${added}`.split(" ").slice(1)]);
    client = createClient({ url: redis.url, username: "holdfast", password: "secret" }) as RedisClientType;
    client.on("error", () => {});
    await client.connect();
    await admin.sendCommand(["ACL", "LOG", "RESET"]);
    await admin.configResetStat();
  });
  afterAll(async () => {
    client.destroy();
  });

  test("works, and Redis denies no command", async () => {
    await run(client);
    const log = (await admin.sendCommand(["ACL", "LOG"])) as unknown as unknown[];
    expect(log.filter((entry) => !/client\|/.test(JSON.stringify(entry)))).toEqual([]);
  });

  test("every documented right is used", async () => {
    const stats = await admin.info("commandstats");
    const used = new Set([...stats.matchAll(/cmdstat_([\w|]+):calls=(\d+)/g)].map(([, name]) => `+${name}`));
    expect((added.match(/\+[\w|]+/g) ?? []).filter((right) => !used.has(right))).toEqual([]);
  });
});

describe.skipIf(!redisServerPath)("on a cluster", { timeout: 60_000 }, () => {
  const added = (what: string) => new RegExp(`Add (?:for|on) ${what}: \`([^\`]*)\``).exec(page)![1]!;
  let cluster: TestCluster;
  let admins: RedisClientType[];
  beforeAll(async () => {
    cluster = await startCluster();
    admins = await Promise.all(cluster.servers.map((server) => server.client()));
  }, 60_000);
  afterAll(() => cluster.stop());

  /** Runs `work` over the middleware's own connection, whose user has the line for a cluster and these besides. */
  async function withRights(rights: string[], work: (client: RedisClientType) => Promise<void>): Promise<unknown[]> {
    const all = [line, ...rights, added("a cluster")].join(" ");
    for (const admin of admins) {
      await admin.sendCommand(["ACL", "DELUSER", "holdfast"]);
      await admin.sendCommand(["ACL", "SETUSER", ...all.split(" ").slice(1)]);
      await admin.sendCommand(["ACL", "LOG", "RESET"]);
    }
    const owners = await Promise.all([0, 8000, 16383].map((slot) => cluster.ownerOf(slot)));
    for (const owner of owners) await owner.client.flushAll();
    const sessions = redisSession({
      cluster: { nodes: cluster.nodes, username: "holdfast", password: "secret" },
      secret: "a secret of the tests, long enough",
    });
    try {
      await sessions.ready();
      await work(sessions.client as RedisClientType);
    } finally {
      await sessions.close();
    }
    const logs = await Promise.all(admins.map((admin) => admin.sendCommand(["ACL", "LOG"])));
    return (logs as unknown as unknown[][]).flat().filter((entry) => !/client\|/.test(JSON.stringify(entry)));
  }

  test("sessions in both layouts work, and no server denies a command", async () => {
    const refused = await withRights([added("the layout `hash`")], async (client) => {
      for (const layout of ["json", "hash"] as const) {
        const store = new RedisSessionStore({ client, layout, touchInterval: 0 });
        const ids = Array.from({ length: 20 }, (_, n) => `${layout}${n}`);
        for (const id of ids) {
          await store.set(id, session({ n: 1, text: "\uFFFD" }));
          const found = (await store.get(id))!;
          await store.set(id, Object.assign(found, { n: 2, gone: undefined }));
          await store.touch(id, found);
        }
        expect(await store.length()).toBe(20);
        await store.clear();
        expect(await store.ids()).toEqual([]);
      }
    });
    expect(refused).toEqual([]);
  });

  test.each(features)("$name works, and no server denies a command", async ({ lines, run }) => {
    expect(await withRights(lines.map(addedFor), run)).toEqual([]);
  });
});
