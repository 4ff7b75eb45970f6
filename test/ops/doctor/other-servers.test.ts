/** Checks that need a server of their own to fail: replicas, saving, versions, distance; and one server that fails none. */
import { createServer, connect, type AddressInfo } from "node:net";
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { doctor } from "holdfast/ops";
import { redisServerPath } from "../../support/programs.js";
import { startProxy } from "../../support/servers/proxy.js";
import { startRedis, type TestRedis, type TestRedisOptions } from "../../support/servers/redis-server.js";
import { clientOf, findingOn, pasted, redisCli } from "./examine.js";

const redis = (...args: string[]) => redisWith({ args });

async function redisWith(options: TestRedisOptions): Promise<TestRedis> {
  const server = await startRedis({ kind: "redis", ...options });
  onTestFinished(() => server.stop());
  return server;
}

async function until(check: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`it did not happen within 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Changes what the server says; the new text must have the same length. */
async function saying(server: TestRedis, from: string, to: string): Promise<number> {
  expect(to).toHaveLength(from.length);
  const proxy = createServer((client) => {
    const target = connect(server.port, "127.0.0.1");
    for (const socket of [client, target]) socket.on("error", () => {});
    client.pipe(target);
    target.on("data", (chunk) => client.write(Buffer.from(chunk.toString("latin1").replaceAll(from, to), "latin1")));
    target.on("close", () => client.destroy());
    client.on("close", () => target.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void proxy.close());
  return (proxy.address() as AddressInfo).port;
}

describe.skipIf(!redisServerPath)("the doctor", () => {
  it("is content with a Redis that is set up as docs/production.md says", async () => {
    // A machine that is busy with other tests is slow at anything.
    const secured = ["--requirepass", "hush", "--masterauth", "hush", "--slowlog-log-slower-than", "10000000"];
    const primary = await redis(...secured, "--maxmemory", "64mb", "--appendonly", "yes", "--save", "60 1000");
    const replica = await redis(
      ...secured,
      "--replicaof",
      `127.0.0.1 ${primary.port}`,
      "--repl-diskless-sync-delay",
      "0",
    );
    const admin = await clientOf(primary, { password: "hush", database: 1 });
    await until(async () => (await admin.info("replication")).includes("state=online"), "the replica is in sync");
    const rights = "+get +set +expire +unlink +evalsha +eval +scan +ping +strlen +select".split(" ");
    await admin.sendCommand(["ACL", "SETUSER", "shop", "on", ">shop's", "-@all", "~sess:*", ...rights]);
    await admin.set("sess:1", '{"cookie":{}}', { EX: 600 });
    const findings = await doctor(admin, { aclUser: "shop" });
    expect(findings.filter(({ level, check }) => level !== "ok" && check !== "round-trip")).toEqual([]);
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: "acl-needed",
        found: "the user shop may do all that is needed for: sessions, select",
      }),
    );

    const onReplica = await clientOf(replica, { password: "hush" });
    expect(await findingOn("replicas", onReplica)).toMatchObject({
      level: "bad",
      found: expect.stringMatching(/replica of 127\.0\.0\.1/),
    });
    expect(await findingOn("replica-lag", onReplica)).toMatchObject({ level: "ok" });

    replica.process.kill("SIGSTOP");
    onTestFinished(() => void replica.process.kill("SIGCONT"));
    await until(async () => /lag=[4-9]/.test(await admin.info("replication")), "the replica is behind");
    expect(await findingOn("replica-lag", admin)).toMatchObject({
      level: "warning",
      found: expect.stringMatching(/has confirmed nothing for \d+ s/),
    });
  });

  it("finds that a replica has lost its primary", async () => {
    const primary = await redis();
    const replica = await redis("--replicaof", `127.0.0.1 ${primary.port}`);
    await primary.stop();
    const client = await clientOf(replica);
    await until(async () => (await client.info("replication")).includes("link_status:down"), "the link is down");
    expect(await findingOn("replica-lag", client)).toMatchObject({
      level: "bad",
      found: "the link to the primary is down",
    });
  });

  it("finds that the last snapshot failed", async () => {
    const server = await redis();
    const client = await clientOf(server);
    const { dir } = await client.configGet("dir");
    const inTheWay = join(dir!, "dump.rdb");
    mkdirSync(inTheWay);
    await client.sendCommand(["BGSAVE"]);
    await until(async () => (await client.info("persistence")).includes("bgsave_status:err"), "the snapshot fails");
    const finding = await findingOn("last-save", client);
    expect(finding).toMatchObject({ level: "bad", found: "the last snapshot failed", commands: ["BGSAVE"] });
    rmdirSync(inTheWay);
    if (!redisCli) return;
    await pasted(server, finding.commands!);
    await until(async () => (await client.info("persistence")).includes("bgsave_status:ok"), "it is written");
    expect(await findingOn("last-save", client)).toMatchObject({ level: "ok" });
  });

  it.skipIf(!redisCli)("keeps what its commands change over a restart, where Redis has a file for that", async () => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-doctor-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [settings, users] = [join(folder, "redis.conf"), join(folder, "users.acl")];
    writeFileSync(settings, "maxmemory-policy allkeys-lru\n");
    writeFileSync(users, "user default on nopass ~* &* +@all\nuser shop on nopass ~sess:* -@all +get\n");
    const server = await redis("--aclfile", users);
    const client = await clientOf(server);
    const withFile = await redisWith({ file: settings });
    const eviction = await findingOn("eviction", await clientOf(withFile));
    expect(eviction.commands).toEqual(["CONFIG SET maxmemory-policy noeviction", "CONFIG REWRITE"]);
    expect(await pasted(withFile, eviction.commands!)).toBe("OK\nOK\n");
    expect(readFileSync(settings, "utf8")).not.toContain("allkeys-lru");
    const rights = await findingOn("acl-needed", client, { aclUser: "shop" });
    expect(rights.commands).toEqual([expect.stringMatching(/^ACL SETUSER shop \+set /), "ACL SAVE"]);
    expect(await pasted(server, rights.commands!)).toBe("OK\nOK\n");
    expect(readFileSync(users, "utf8")).toMatch(/^user shop .*\+set/m);
  });

  it.each([
    ["6.2.19", "warning"],
    ["5.0.14", "bad"],
  ])("finds that Redis %s is old: %s", async (version, level) => {
    const server = await redis();
    const client = await clientOf(server);
    const own = /redis_version:(\S+)/.exec(await client.info("server"))![1]!;
    const port = await saying(server, `redis_version:${own}`, `redis_version:${version}`.padEnd(14 + own.length, "0"));
    const finding = await findingOn("version", await clientOf({ port }));
    expect(finding).toMatchObject({
      level,
      found: expect.stringContaining(version),
      remedy: expect.stringMatching(/Upgrade/),
    });
  });

  it("finds that commands of sessions were renamed or disabled, and no user can have them", async () => {
    const client = await clientOf(await redis("--rename-command", "EVALSHA", "", "--rename-command", "UNLINK", "GONE"));
    expect(await findingOn("acl-needed", client)).toMatchObject({
      level: "bad",
      found: "this server does not offer UNLINK, EVALSHA",
      remedy: expect.stringContaining("rename-command"),
    });
  });

  it("takes nothing but strings and hashes for sessions", async () => {
    const client = await clientOf(await redis());
    await Promise.all([
      client.lPush("sess:list", "a"),
      client.sAdd("sess:set", "a"),
      client.set("sess:1", '{"cookie":{}}', { EX: 60 }),
    ]);
    expect((await findingOn("acl-needed", client)).found).toMatch(/for: sessions$/); // and not for the layout `hash`
    expect((await findingOn("capacity", client)).found).toMatch(/^1 session of .* 1 measured/);
    expect(await findingOn("expiry", client)).toMatchObject({
      level: "ok",
      found: "each of 1 session looked at expires",
    });
    expect((await findingOn("at-rest", client)).found).toMatch(/^1 session looked at/);
  });

  it("names the setting alone where the server has no CONFIG, as with a service", async () => {
    const client = await clientOf(await redis("--rename-command", "CONFIG", "", "--maxmemory-policy", "allkeys-lru"));
    expect(await findingOn("eviction", client)).toEqual({
      check: "eviction",
      level: "warning",
      found: expect.stringContaining("allkeys-lru"),
      why: expect.any(String),
      remedy: expect.stringMatching(/set maxmemory-policy to noeviction where the service is set up\.$/),
    });
  });

  it("needs no rights for `hashIds` before and after it is switched", async () => {
    const server = await redis();
    const client = await clientOf(server);
    for (const key of ["sess:a", `sess:~${"0".repeat(64)}{4x2}`]) {
      await client.set(key, "{}");
      expect((await findingOn("acl-needed", client)).found).toMatch(/for: sessions$/);
      await client.flushAll();
    }
  });

  it("finds that Redis is far away", async () => {
    const server = await redis();
    const proxy = await startProxy(server.port, 6);
    onTestFinished(() => proxy.close());
    const finding = await findingOn("round-trip", await clientOf(proxy));
    expect(finding).toMatchObject({ level: "warning", found: /^p50 1\d ms, p99 \d+ ms of \d+ PINGs/ });
  });

  it("finds that the client does not know that it talks to a cluster", async () => {
    const client = await clientOf(await redis("--cluster-enabled", "yes"));
    expect(await findingOn("cluster", client)).toMatchObject({
      level: "bad",
      remedy: expect.stringMatching(/--cluster/),
    });
  });
});
