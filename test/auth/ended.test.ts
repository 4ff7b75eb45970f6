/** `auth.onEnded`: sockets learn at once that their login has ended, in whichever process, and cost no commands until then. */
import express, { type Request } from "express";
import { redisSession } from "holdfast";
import { localAuth, type EndedReason, type LocalAuth, type LocalAuthOptions } from "holdfast/auth";
import { sessionAdmin } from "holdfast/ops";
import { createClient, type RedisClientType } from "redis";
import { agent } from "supertest";
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { AccountsInMemory } from "../support/accounts-in-memory.js";
import { secret } from "../support/auth-site.js";
import { commandsOf } from "../support/commands.js";
import { redisServerPath } from "../support/programs.js";
import { startRedis } from "../support/servers/redis-server.js";
import { useRedis } from "../support/servers/use-redis.js";
import { expectNothingUnhandled } from "../support/unhandled.js";

const redis = useRedis();
let client: RedisClientType;
expectNothingUnhandled();
beforeAll(async () => {
  client = await redis.client();
});
beforeEach(() => client.flushDb());

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const password = "correct horse";

interface Site {
  readonly auth: LocalAuth;
  readonly accounts: AccountsInMemory;
  /** Someone who is logged in, with their id. */
  person(name: string): Promise<{ visitor: ReturnType<typeof agent>; id: string }>;
  /** The request of a socket, and the reasons for which its login has ended so far. */
  socket(visitor: ReturnType<typeof agent>): Promise<{ req: Request; reasons: EndedReason[]; stop: () => void }>;
}

/** A process of its own: nothing is shared with others but Redis and the accounts. */
function site({
  connection = client,
  accounts = new AccountsInMemory(),
  layout = "json",
  ...options
}: {
  connection?: RedisClientType;
  accounts?: AccountsInMemory;
  layout?: "json" | "hash";
} & Partial<LocalAuthOptions> = {}): Site {
  const sessions = redisSession({ client: connection, secret, layout });
  const auth = localAuth({ sessions, throttle: false, ...options, accounts });
  const app = express();
  const sockets: Request[] = [];
  app.use(sessions);
  app.get("/socket", (req, res) => {
    sockets.push(req);
    res.end();
  });
  app.use(auth.middleware, express.json());
  app.post("/login", async (req, res) => {
    const { username } = req.body as { username: string };
    const made = await accounts.create({ username, email: undefined, passwordHash: "-" });
    const { id } = typeof made === "string" ? (await accounts.findByUsername(username))! : made;
    await auth.begin(req, { id, username, createdAt: 0 }, { confirmed: true });
    res.json({ id });
  });
  const json = auth.json();
  app.post("/logout", json.logOut).post("/end-others", json.endOtherDevices).post("/end-device", json.endDevice);
  app.post("/password", json.changePassword);
  app.get("/devices", json.devices).get("/view", (_req, res) => res.end());
  return {
    auth,
    accounts,
    async person(username) {
      const visitor = agent(app);
      return { visitor, id: (await visitor.post("/login").send({ username })).body.id };
    },
    async socket(visitor) {
      await visitor.get("/socket");
      const req = sockets.at(-1)!;
      const reasons: EndedReason[] = [];
      const stop = auth.onEnded(req, (reason) => reasons.push(reason));
      stops.push(stop);
      return { req, reasons, stop };
    },
  };
}

/** Until the number of subscribers is reached. */
async function subscribers(connection: RedisClientType, count: number, channel = "devices:ended"): Promise<void> {
  const now = async () => (await connection.pubSubNumSub(channel))[channel];
  await expect.poll(now, { timeout: 10_000, interval: 20 }).toBe(count);
}

/** Long before the next look, which comes once a minute. */
const soon = { timeout: 15_000, interval: 10 };

describe.each(["json", "hash"] as const)("layout %s", (layout) => {
  /** Two processes of one app, with a channel of their own. */
  const two = (prefix: string) => {
    const options = { accounts: new AccountsInMemory(), layout, prefix };
    return [site(options), site(options)] as const;
  };
  const adminOf = (authPrefix: string) =>
    sessionAdmin({ store: redisSession({ client, secret, layout }).store }, { authPrefix });

  const ends: Record<
    string,
    (there: Site, who: { id: string; visitor: ReturnType<typeof agent> }, prefix: string) => Promise<unknown>
  > = {
    "a logout": (_there, { visitor }) => visitor.post("/logout").send({}),
    "ending one device": async (there) => {
      const phone = await there.person("ada");
      const { devices } = (await phone.visitor.get("/devices")).body as { devices: { id: string; isThis: boolean }[] };
      const { id } = devices.find(({ isThis }) => !isThis)!;
      expect((await phone.visitor.post("/end-device").send({ device: id })).body).toEqual({ ok: true });
    },
    "ending the other devices": async (there) => (await there.person("ada")).visitor.post("/end-others").send({}),
    "ending all logins": (there, { id }) => there.auth.endLogins(id),
    "disabling the account": (there, { id }) => there.auth.disableAccount(id),
    "removing the account": (there, { id }) => there.auth.removeAccount(id),
    "logging in once more": (_there, { visitor }) => visitor.post("/login").send({ username: "ada" }),
    "`holdfast sessions end --user` and the console": (_there, { id }, prefix) => adminOf(prefix).endUser(id),
    "`holdfast sessions end`, one session": async (_there, _who, prefix) => {
      const admin = adminOf(prefix);
      for await (const { session, user } of admin.list()) if (user === "1") await admin.end(session);
    },
  };

  it.each(Object.keys(ends))(
    "%s, in another process, is heard within a moment, by that login's sockets alone",
    async (way) => {
      const prefix = `${layout} ${Object.keys(ends).indexOf(way)}:`;
      const [here, there] = two(prefix);
      const ada = await here.person("ada");
      const bob = await here.person("bob");
      const sockets = [await here.socket(ada.visitor), await here.socket(ada.visitor)];
      const neighbor = await here.socket(bob.visitor);
      await subscribers(client, 1, `${prefix}devices:ended`);
      await ends[way]!(there, ada, prefix);
      for (const { reasons } of sockets) await expect.poll(() => reasons, soon).toEqual(["ended"]);
      for (const { req } of sockets) expect(await here.auth.check(req)).toBeUndefined();
      expect(neighbor.reasons).toEqual([]);
      expect(await here.auth.check(neighbor.req)).toMatchObject({ id: bob.id });
    },
  );
});

it("a new password ends all sockets; those of the login that changed it can come back under its new session id", async () => {
  const accounts = new AccountsInMemory();
  const prefix = "password:";
  const [here, there] = [site({ accounts, prefix }), site({ accounts, prefix })];
  expect((await here.auth.register({ username: "ada", password })).ok).toBe(true);
  const [laptop, phone] = [await here.person("ada"), await there.person("ada")];
  const sockets = [await here.socket(laptop.visitor), await there.socket(phone.visitor)];
  await subscribers(client, 2, "password:devices:ended");
  const passwords = { current: password, password: "better horse" };
  expect((await phone.visitor.post("/password").send(passwords)).body).toEqual({ ok: true });
  for (const { reasons } of sockets) await expect.poll(() => reasons, soon).toEqual(["ended"]);
  const [other, again] = [await here.socket(laptop.visitor), await there.socket(phone.visitor)];
  await expect.poll(() => other.reasons, soon).toEqual(["ended"]);
  expect(await there.auth.check(again.req)).toMatchObject({ id: phone.id });
  expect(again.reasons).toEqual([]);
});

describe("timeouts", () => {
  it("close sockets too, although nobody says anything; page views keep them open", async () => {
    const here = site({ timeouts: { idle: 3, absolute: 6 } });
    const ada = await here.person("ada");
    const bob = await here.person("bob");
    const [idle, busy] = [await here.socket(ada.visitor), await here.socket(bob.visitor)];
    const began = Date.now();
    while (idle.reasons.length === 0) {
      await bob.visitor.get("/view");
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(Date.now() - began).toBeLessThan(6000);
    }
    expect(idle.reasons).toEqual(["expired"]);
    expect(Date.now() - began).toBeGreaterThan(2500);
    expect(busy.reasons).toEqual([]);
    await expect
      .poll(async () => (await bob.visitor.get("/view")) && busy.reasons, { timeout: 8000 })
      .toEqual(["expired"]);
    expect(Date.now() - began).toBeGreaterThan(5500);
  });
});

describe("what it costs", () => {
  it("thousands of watched sockets send no commands, and one user's end costs one look", async () => {
    const here = site({ prefix: "many:" });
    const people = [];
    for (let n = 0; n < 20; n++) people.push(await here.person(`person${n}`));
    const sockets: { reasons: EndedReason[] }[] = [];
    for (const { visitor } of people) {
      const { req } = await here.socket(visitor);
      for (let n = 0; n < 250; n++) {
        const reasons: EndedReason[] = [];
        stops.push(here.auth.onEnded(req, (reason) => reasons.push(reason)));
        sockets.push({ reasons });
      }
    }
    await subscribers(client, 1, "many:devices:ended");
    await expect.poll(async () => (await commands()).length).toBe(0); // the looks at the beginning are over
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await commands()).toEqual([]);
    await here.auth.endLogins(people[0]!.id);
    await expect.poll(() => sockets.filter(({ reasons }) => reasons.length > 0).length, soon).toBe(250);
    expect(
      (await commands()).filter(([name]) => !/^(evalsha|eval|del|hset|expire|publish|script.*)$/.test(name!)),
    ).toEqual([["hmget", 1]]);

    /** What was sent since it was last asked, by name. */
    async function commands(): Promise<[string, number][]> {
      const asked = await commandsOf(client);
      await client.configResetStat();
      return Object.entries(asked);
    }
  });

  it("one connection for all sockets of a process, opened for the first and closed some time after the last", async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    const connection = await own.client();
    const here = site({ connection });
    await subscribers(connection, 0);
    const sockets = [];
    for (const name of ["ada", "bob", "cid"]) sockets.push(await here.socket((await here.person(name)).visitor));
    await subscribers(connection, 1);
    for (const { stop } of sockets) stop();
    await subscribers(connection, 0);
    const { stop } = await here.socket((await here.person("dan")).visitor);
    await subscribers(connection, 1);
    stop();
    await subscribers(connection, 0);
  });
});

describe("a request without a valid login", () => {
  it("is over at once, unless nobody wants to know any more", async () => {
    const here = site();
    const { visitor, id } = await here.person("ada");
    await here.auth.endLogins(id);
    const late = await here.socket(visitor); // its session says that it is logged in
    await expect.poll(() => late.reasons, soon).toEqual(["ended"]);
    await visitor.get("/view"); // cleans up
    const anonymous = await here.socket(visitor);
    await expect.poll(() => anonymous.reasons, soon).toEqual(["ended"]);
    const stopped: EndedReason[] = [];
    here.auth.onEnded(anonymous.req, (reason) => stopped.push(reason))();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(stopped).toEqual([]);
  });

  it("a login that ends between the check and the call is heard of, every time", async () => {
    const here = site();
    for (let n = 0; n < 30; n++) {
      const { visitor, id } = await here.person("ada");
      const [{ reasons }] = await Promise.all([here.socket(visitor), here.auth.endLogins(id)]);
      await expect.poll(() => reasons, soon).toEqual(["ended"]);
    }
  });
});

describe("a listener that throws", () => {
  it("keeps no other socket open, and is warned of", async () => {
    const here = site();
    const { visitor, id } = await here.person("ada");
    const { req, reasons } = await here.socket(visitor);
    const warnings: { code?: string }[] = [];
    const note = (warning: { code?: string }) => void warnings.push(warning);
    process.on("warning", note);
    onTestFinished(() => void process.off("warning", note));
    here.auth.onEnded(req, () => {
      throw new Error("it threw");
    });
    here.auth.onEnded(req, () => Promise.reject(new Error("it rejected")));
    const { reasons: last } = await here.socket(visitor);
    await here.auth.endLogins(id);
    await expect.poll(() => [reasons, last], soon).toEqual([["ended"], ["ended"]]);
    await expect.poll(() => warnings.filter(({ code }) => code === "HOLDFAST_LISTENER_FAILED")).toHaveLength(1);
  });
});

describe("when messages are lost", () => {
  it("all logins are looked at after the subscription was killed", async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    const connection = await own.client();
    const here = site({ connection });
    const { visitor, id } = await here.person("ada");
    const { reasons } = await here.socket(visitor);
    await subscribers(connection, 1);
    for (let n = 0; n < 5; n++) {
      await connection.sendCommand(["CLIENT", "KILL", "TYPE", "PUBSUB"]);
      if (n === 4) await connection.eval(endAll, { keys: [`devices:${id}`], arguments: [] });
      await subscribers(connection, 1);
    }
    await expect.poll(() => reasons, soon).toEqual(["ended"]);
  });

  it("Redis frozen and back: nothing closes meanwhile, and what ended is found afterwards", async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    const connection = await own.client();
    const here = site({ connection });
    const [ada, bob] = [await here.person("ada"), await here.person("bob")];
    const sockets = [await here.socket(ada.visitor), await here.socket(bob.visitor)];
    await subscribers(connection, 1);
    await here.auth.endLogins("somebody else"); // Redis has the script then
    own.process.kill("SIGSTOP");
    const ending = here.auth.endLogins(ada.id).catch((error: { code?: string }) => error.code);
    await ending;
    expect(sockets.map(({ reasons }) => reasons)).toEqual([[], []]);
    own.process.kill("SIGCONT"); // what was sent before is done now
    await expect.poll(() => sockets[0]!.reasons, { timeout: 10_000 }).toEqual(["ended"]);
    expect(sockets[1]!.reasons).toEqual([]);
  });

  it("Redis restarted and empty: all logins have ended", async () => {
    const own = await startRedis();
    const connection = await own.client();
    const here = site({ connection });
    const { visitor } = await here.person("ada");
    const { reasons } = await here.socket(visitor);
    await subscribers(connection, 1);
    own.process.kill("SIGKILL");
    await expect.poll(() => connection.isReady).toBe(false);
    const again = await startRedis({ port: own.port });
    onTestFinished(() => again.stop());
    onTestFinished(() => own.stop());
    await expect.poll(() => reasons, { timeout: 15_000 }).toEqual(["ended"]);
  });
});

it.skipIf(!redisServerPath)(
  "a look that fails is repeated, so that a message counts that came at a bad time",
  async () => {
    const own = await startRedis({ kind: "redis" });
    onTestFinished(() => own.stop());
    const admin = await own.client();
    const allow = (rule: string) =>
      admin.sendCommand(["ACL", "SETUSER", "app", "on", ">hush", "~*", "&*", "+@all", rule]);
    await allow("+@all");
    const connection = createClient({ url: own.url, username: "app", password: "hush" }) as RedisClientType;
    connection.on("error", () => {});
    await connection.connect();
    onTestFinished(() => connection.destroy());
    const accounts = new AccountsInMemory();
    const [here, there] = [site({ accounts, connection }), site({ accounts, connection: admin })];
    const { visitor, id } = await here.person("ada");
    const { reasons } = await here.socket(visitor);
    await subscribers(admin, 1);
    await allow("-hmget");
    await there.auth.endLogins(id);
    const refusals = async () => /cmdstat_hmget:.*rejected_calls=(\d+)/.exec(await admin.info("commandstats"))?.[1];
    await expect.poll(refusals).not.toBe("0");
    expect(reasons).toEqual([]);
    await allow("+hmget");
    await expect.poll(() => reasons, soon).toEqual(["ended"]);
  },
);

/** What ends all logins, without saying so. */
const endAll = `return redis.call("HSET", KEYS[1], "epoch", "another")`;

describe.skipIf(!redisServerPath)("a Redis user without the rights", () => {
  it.each([
    ["to subscribe", "-subscribe"],
    ["to publish", "-publish"],
    ["for the channel", "resetchannels"],
  ])("%s is warned of once; logins end and sockets close, a little later", async (_what, rule) => {
    const own = await startRedis({ kind: "redis" });
    onTestFinished(() => own.stop());
    const admin = await own.client();
    await admin.sendCommand(["ACL", "SETUSER", "app", "on", ">hush", "~*", "&*", "+@all", ...rule.split(" ")]);
    const connection = createClient({ url: own.url, username: "app", password: "hush" }) as RedisClientType;
    connection.on("error", () => {});
    await connection.connect();
    onTestFinished(() => connection.destroy());
    const warnings: { code?: string; message: string }[] = [];
    const note = (warning: { code?: string; message: string }) => void warnings.push(warning);
    process.on("warning", note);
    onTestFinished(() => void process.off("warning", note));
    const here = site({ connection, timeouts: { idle: 20 } }); // looks every second
    const { visitor, id } = await here.person("ada");
    const { reasons } = await here.socket(visitor);
    await here.auth.endLogins(id);
    await expect.poll(() => reasons, soon).toEqual(["ended"]);
    const late = warnings.filter(({ code }) => code === "HOLDFAST_LOGIN_ENDS_LATE");
    expect(late.length).toBeLessThanOrEqual(1);
    if (rule === "-subscribe") expect(late[0]!.message).toContain("docs/production.md"); // the first of this process
  });
});
