/** Each check that one server can fail: it is set up to fail it, and the doctor says so; set up well, it says nothing. */
import type { RedisClientType } from "redis";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { CheckId, DoctorOptions, Level } from "holdfast/ops";
import { redisServerPath } from "../../support/programs.js";
import type { TestRedis } from "../../support/servers/redis-server.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { clientOf, findingOn, pasted, redisCli, shopping } from "./examine.js";

interface Case {
  check: CheckId;
  when: string;
  /** Done by the administrator; what it returns connects the client that is examined. */
  setUp?: (admin: RedisClientType, server: TestRedis) => Promise<unknown>;
  config?: Record<string, string>;
  connect?: Parameters<typeof clientOf>[1];
  options?: DoctorOptions;
  level: Level;
  found: RegExp;
  remedy?: RegExp;
  /** The first command. With one, all of them are run, as an operator pastes them. */
  command?: RegExp;
  /** What the doctor says after the commands; else that all is well. */
  after?: Level | "not this";
  /** Other options for that. */
  afterWith?: DoctorOptions;
}

const session = '{"cookie":{}}';
const sessions = (client: RedisClientType, count: number, textOf: (n: number) => string = () => "x".repeat(100)) =>
  Promise.all(Array.from({ length: count }, (_, n) => client.set(`sess:${n}`, textOf(n), { EX: 600 })));
const used = async (client: RedisClientType) => Number(/used_memory:(\d+)/.exec(await client.info("memory"))![1]);
const limitTo = async (client: RedisClientType, bytes: number) =>
  client.configSet("maxmemory", String(Math.floor(bytes)));
/** So much data that connections do not count, and a limit of so many times as much. */
async function fill(client: RedisClientType, times: number): Promise<void> {
  await client.sendCommand(["DEBUG", "POPULATE", "5000", "sess", "3000"]);
  await limitTo(client, (await used(client)) * times);
}
const user = (client: RedisClientType, ...rules: string[]) => client.sendCommand(["ACL", "SETUSER", "shop", ...rules]);
const sessionRights = "+get +set +expire +unlink +evalsha +eval +scan +ping +strlen".split(" ");

const cases: Case[] = [
  { check: "password", when: "there is none", level: "warning", found: /on this machine may connect without/ },
  {
    check: "password",
    when: "there is none, and other machines reach Redis",
    config: { bind: "127.0.0.1 -10.255.255.1", "protected-mode": "no" }, // an address that no machine here has
    level: "bad",
    found: /from other machines too/,
    remedy: /production\.md/,
  },
  {
    check: "tls",
    when: "the connection leaves this machine in plain text",
    connect: { host: "127.1" }, // this machine, but not by a name that says so
    level: "warning",
    found: /not encrypted/,
    remedy: /rediss:/,
  },
  {
    check: "listening",
    when: "only protected mode keeps others away",
    config: { bind: "127.0.0.1 -10.255.255.1" },
    level: "warning",
    found: /10\.255\.255\.1, but answers only this machine/,
    command: /^CONFIG SET bind "127\.0\.0\.1 -::1"$/,
  },
  {
    check: "listening",
    when: "it is every network",
    setUp: (admin) => admin.sendCommand(["ACL", "SETUSER", "default", "resetpass", ">hush"]),
    config: { bind: "0.0.0.0" },
    connect: { password: "hush" },
    level: "warning",
    found: /listens on 0\.0\.0\.0: every network/,
    remedy: /`bind`/,
  },
  {
    check: "acl-needed",
    when: "a command and the keys are missing",
    setUp: (admin) => user(admin, "reset", "on", "nopass", "-@all", "~other:*", ...sessionRights, "-expire"),
    options: { aclUser: "shop" },
    level: "bad",
    found: /shop lacks ~sess:\*.*\+expire/,
    command: /^ACL SETUSER shop ~sess:\*.* \+expire/,
  },
  {
    check: "acl-needed",
    when: "the app's keys show that it needs more",
    setUp: async (admin) => {
      await user(admin, "reset", "on", "nopass", "-@all", "~sess:*", ...sessionRights);
      await admin.hSet("user:1", "username", "ada");
    },
    options: { aclUser: "shop" },
    level: "bad",
    found: /~user:\*.*\+hgetall/,
    command: /^ACL SETUSER shop ~user:\*/,
  },
  {
    check: "acl-needed",
    when: "the app is said to need more",
    setUp: (admin) => user(admin, "reset", "on", "nopass", "-@all", "~sess:*", ...sessionRights),
    options: { aclUser: "shop", uses: ["near-cache"] },
    level: "bad",
    found: /lacks &__redis__:invalidate, \+client\|tracking, \+client\|id, \+subscribe, \+exists$/,
    command: /^ACL SETUSER shop &__redis__:invalidate \+client\|tracking/,
  },
  {
    check: "acl-needed",
    when: "sessions are stored by id and by hash, so that `hashIds` is being switched",
    setUp: async (admin) => {
      await user(admin, "reset", "on", "nopass", "-@all", "~sess:*", ...sessionRights);
      await sessions(admin, 3);
      await admin.set(`sess:~${"0".repeat(64)}{4x2}`, session, { EX: 60 });
    },
    options: { aclUser: "shop" },
    level: "bad",
    found: /lacks \+type, \+rename$/,
    command: /^ACL SETUSER shop \+type \+rename$/,
  },
  {
    check: "acl-needed",
    when: "`hashIds` is said to be switched",
    setUp: (admin) => user(admin, "reset", "on", "nopass", "-@all", "~sess:*", ...sessionRights, "+rename"),
    options: { aclUser: "shop", uses: ["hash-ids"] },
    level: "bad",
    found: /lacks \+type$/,
    command: /^ACL SETUSER shop \+type$/,
  },
  {
    check: "acl-needed",
    when: "nobody has this name",
    options: { aclUser: "nobody" },
    level: "bad",
    found: /no user nobody/,
  },
  {
    check: "acl-excess",
    when: "it is the user who may do everything",
    level: "warning",
    found: /default has rights .*another app's keys, FLUSHALL.*CONFIG SET/,
    remedy: /--acl-user.*--uses/,
    command: /^ACL SETUSER holdfast -@all resetkeys resetchannels clearselectors ~sess:\* \+get/,
    afterWith: { aclUser: "holdfast" },
  },
  {
    check: "acl-excess",
    when: "one right is too many",
    setUp: (admin) => user(admin, "reset", "on", "nopass", "-@all", "~sess:*", ...sessionRights, "+keys"),
    options: { aclUser: "shop" },
    level: "warning",
    found: /: KEYS$/,
    command: /^ACL SETUSER shop -@all resetkeys/,
  },
  {
    check: "database",
    when: "another app has keys in it",
    setUp: (admin) => Promise.all([admin.set("cart:1", "1"), admin.set("sess:1", session, { EX: 60 })]),
    level: "warning",
    found: /1 key in database 0 belong.*50%/,
  },
  {
    check: "database",
    when: "something else writes lists and sets under the prefix of sessions",
    setUp: (admin) =>
      Promise.all([
        admin.lPush("sess:list", "a"),
        admin.sAdd("sess:set", "a"),
        admin.zAdd("sess:sorted", { score: 1, value: "a" }),
        admin.xAdd("sess:stream", "*", { a: "b" }),
        admin.set("sess:1", session, { EX: 60 }),
        admin.hSet("sess:2", { cookie: "{}" }),
      ]),
    level: "warning",
    found: /^4 of 6 keys looked at under sess:\* are no sessions: list, set, stream, zset$/,
  },
  {
    check: "maxmemory",
    when: "there is none",
    level: "warning",
    found: /maxmemory 0/,
    command: /^CONFIG SET maxmemory \d+mb$/,
  },
  {
    check: "eviction",
    when: "accounts would go",
    setUp: (admin) => admin.hSet("user:1", "username", "ada"),
    config: { "maxmemory-policy": "allkeys-lru" },
    level: "bad",
    found: /allkeys-lru.* sessions, accounts$/,
    command: /^CONFIG SET maxmemory-policy noeviction$/,
  },
  {
    check: "eviction",
    when: "logins and the counts that slow guessing down would go",
    setUp: async (admin) => {
      await admin.hSet("user:1", "username", "ada"); // stays: it does not expire
      await admin.set("throttle:1", "3", { EX: 60 });
      await admin.hSet("devices:1", "a", "b");
    },
    config: { "maxmemory-policy": "volatile-ttl" },
    level: "bad",
    found: /volatile-ttl.* sessions, logins \(lists of devices\), counts of wrong passwords$/,
    command: /^CONFIG SET maxmemory-policy noeviction$/,
  },
  {
    check: "eviction",
    when: "sessions would go",
    config: { "maxmemory-policy": "volatile-lru" },
    level: "warning",
    found: /volatile-lru.*deletes sessions$/,
    command: /^CONFIG SET maxmemory-policy noeviction$/,
  },
  {
    check: "memory",
    when: "nearly all is used",
    setUp: (admin) => fill(admin, 1.02),
    level: "bad",
    found: /9\d% of maxmemory/,
  },
  {
    check: "memory",
    when: "most is used",
    setUp: (admin) => fill(admin, 1.2),
    level: "warning",
    found: /[78]\d% of maxmemory/,
  },
  {
    check: "fragmentation",
    when: "most keys between the others were deleted",
    setUp: async (admin) => {
      await admin.sendCommand(["DEBUG", "POPULATE", "500000", "sess", "150"]);
      await admin.eval("for n = 0, 499999 do if n % 8 > 0 then redis.call('DEL', 'sess:' .. n) end end", {});
    },
    level: "warning",
    found: /lie between the keys/,
    command: /^MEMORY PURGE$/,
    after: "warning", // these keys lie between others: it takes `activedefrag`, or a restart
  },
  {
    check: "capacity",
    when: "hardly more sessions fit than there are",
    setUp: async (admin) => {
      await sessions(admin, 500, () => "x".repeat(3000));
      await limitTo(admin, (await used(admin)) + 200_000);
    },
    level: "warning",
    found: /^500 sessions of 3\.\d KB \(median 3\.\d KB, 200 measured\); \d\d? more fit into maxmemory$/,
  },
  {
    check: "capacity",
    when: "hardly more sessions fit than there are, and they are not compressed",
    setUp: async (admin) => {
      await sessions(admin, 500, (n) => JSON.stringify(shopping(n, 24)));
      await limitTo(admin, (await used(admin)) + 200_000);
    },
    level: "warning",
    found:
      /; with the option `compress` \(docs\/storage\.md\), one would take about \d{3} B \(20 tried\), and about 1,\d00 more would fit$/,
    remedy: /^Set `compress`, raise maxmemory, /,
  },
  {
    check: "expiry",
    when: "a session never ends",
    setUp: (admin) => Promise.all([admin.set("sess:1", session), admin.set("sess:2", session, { EX: 60 })]),
    level: "warning",
    found: /1 of 2 sessions looked at \(50%\)/,
  },
  {
    check: "aof",
    when: "there is none",
    level: "warning",
    found: /no append-only file/,
    command: /^CONFIG SET appendonly yes$/,
  },
  {
    check: "aof",
    when: "the system decides when it reaches the disk",
    config: { appendonly: "yes", appendfsync: "no" },
    level: "warning",
    found: /appendfsync no/,
    command: /^CONFIG SET appendfsync everysec$/,
  },
  {
    check: "snapshots",
    when: "there are none",
    level: "warning",
    found: /no snapshots/,
    command: /^CONFIG SET save "60 1000"$/,
  },
  { check: "replicas", when: "there is none", level: "warning", found: /no replica/ },
  {
    check: "replicas",
    when: "too few confirm for Redis to take writes",
    config: { "min-replicas-to-write": "2" },
    level: "bad",
    found: /^0 of the 2 replicas without which Redis takes no writes/,
    command: /^CONFIG SET min-replicas-to-write 0$/,
    after: "warning", // there is none, but Redis takes writes
  },
  {
    check: "timeout",
    when: "quiet clients are disconnected",
    config: { timeout: "5" },
    level: "warning",
    found: /idle for 5 seconds/,
    command: /^CONFIG SET timeout 0$/,
  },
  {
    check: "keep-alive",
    when: "it is off",
    config: { "tcp-keepalive": "0" },
    level: "warning",
    found: /^off$/,
    command: /^CONFIG SET tcp-keepalive 300$/,
  },
  {
    check: "clients",
    when: "nearly all are taken",
    config: { maxclients: "20" },
    setUp: (_admin, server) => Promise.all(Array.from({ length: 17 }, () => clientOf(server))),
    level: "bad",
    found: /19 connections of 20, 95%/,
    command: /^CONFIG SET maxclients 40$/,
  },
  {
    check: "slow-log",
    when: "a command was slow",
    setUp: (admin) =>
      admin.eval("local n = 0; while n < 3000000 do n = n + 1 end", { keys: ["sess:secret"], arguments: [] }),
    level: "warning",
    found: /took 10 ms or longer.*: .*\bEVAL\b/,
    command: /^SLOWLOG GET 10$/,
    after: "warning", // it only shows them
  },
  {
    check: "slow-log",
    when: "none is noted",
    config: { "slowlog-log-slower-than": "-1" },
    level: "warning",
    found: /notes no slow commands/,
    command: /^CONFIG SET slowlog-log-slower-than 10000$/,
    after: "not this", // on a machine that is busy, it may find one
  },
  {
    check: "near-cache",
    when: "Redis cannot remember all keys that apps have read",
    setUp: async (admin) => {
      await sessions(admin, 20);
      await admin.sendCommand(["CLIENT", "TRACKING", "ON", "BCAST"]); // without this, the connection could not read on
      await admin.sendCommand(["CLIENT", "TRACKING", "OFF"]);
      await admin.sendCommand(["CLIENT", "TRACKING", "ON"]);
      onTestFinished(() => admin.sendCommand(["CLIENT", "TRACKING", "OFF"]).then(() => {}));
      for (let n = 0; n < 20; n++) await admin.get(`sess:${n}`);
    },
    config: { "tracking-table-max-keys": "20" },
    level: "warning",
    found: /1 connection tracks 20 keys of at most 20/,
    command: /^CONFIG SET tracking-table-max-keys 80$/,
  },
  {
    check: "migration",
    when: "a finished one has left something behind",
    setUp: (admin) =>
      Promise.all([
        admin.hSet("{holdfast:move}", { phase: "finished", dial: "100", version: "9" }),
        admin.sAdd("{holdfast:move}:unmirrored", "a session id"),
        admin.set("{holdfast:move}:backfill", '{"read":5}'),
        admin.set("sess:1", "", { EX: 60 }),
      ]),
    level: "warning",
    found: /left behind: its state, 1 change that never reached.*unfinished backfill, 1 tombstone/,
    command: /^UNLINK \{holdfast:move\} \{holdfast:move\}:processes /,
  },
  {
    check: "migration",
    when: "it is in doubt",
    setUp: (admin) =>
      admin.hSet("{holdfast:move}", {
        phase: "moving",
        dial: "10",
        version: "9",
        doubt: "Process 5 stopped reporting.",
      }),
    level: "bad",
    found: /dial is at 10, in doubt: Process 5/,
    command: /^npx holdfast migrate verify --repair$/,
  },
  {
    check: "migration",
    when: "nobody follows it",
    setUp: (admin) => admin.hSet("{holdfast:move}", { phase: "moving", dial: "10", version: "9" }),
    level: "warning",
    found: /no process of the app follows/,
    command: /^npx holdfast migrate rollback$/,
  },
];

describe.skipIf(!redisServerPath)("the doctor finds that", () => {
  const server = useRedis({ kind: "redis", args: ["--enable-debug-command", "yes"] });
  let admin: RedisClientType;
  beforeAll(async () => {
    admin = await server.client();
  });

  /** Whatever a case changes, a command of the doctor included. */
  const settings = [
    ...new Set(cases.flatMap(({ config = {}, command }) => [...Object.keys(config), ...settingIn(command)])),
  ];

  it.each(cases)("$check: $when", async (one) => {
    const { check, setUp, config = {}, connect, options, level, found, remedy, command, after = "ok", afterWith } = one;
    const before = await admin.configGet(settings);
    onTestFinished(async () => {
      await admin.configSet(before);
      await admin.flushAll();
      await admin.sendCommand(["SLOWLOG", "RESET"]);
      await admin.sendCommand(["ACL", "SETUSER", "default", "nopass"]);
    });
    const early = check === "clients" ? await clientOf(server, connect) : undefined;
    await setUp?.(admin, server);
    if (Object.keys(config).length > 0) await admin.configSet(config);
    const client = early ?? (await clientOf(server, connect));
    const finding = await findingOn(check, client, options);
    expect(finding).toMatchObject({
      check,
      level,
      found: expect.stringMatching(found),
      why: expect.stringMatching(/\.$/),
    });
    expect(finding.remedy).toMatch(remedy ?? /\.$/);
    const { commands = [] } = finding;
    expect(commands.join("\n")).toMatch(command ?? /^$/);
    const lines = commands.filter((line) => !line.startsWith("npx ")); // those have tests of their own
    if (lines.length === 0 || !redisCli) return;
    expect(await pasted(server, lines)).not.toMatch(/\bERR\b|Invalid/);
    const again = await findingOn(check, client, afterWith ?? options);
    if (after === "not this") expect(again.found).not.toMatch(found);
    else expect(again).toMatchObject({ level: after });
  });
});

function settingIn(command: RegExp | undefined): string[] {
  return /CONFIG SET ([\w-]+)/.exec(command?.source ?? "")?.slice(1) ?? [];
}
