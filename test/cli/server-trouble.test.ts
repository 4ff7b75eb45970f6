/** What a server may say or do in place of serving: each in one sentence that says what it is, and one with what helps. */
import { mkdirSync } from "node:fs";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";

import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import type { RedisClientType } from "redis";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Finding } from "holdfast/ops";
import { redisServerPath } from "../support/programs.js";
import { startRedis, type TestRedis, type TestRedisOptions } from "../support/servers/redis-server.js";
import { canStartTls, startTlsRedis } from "../support/servers/redis-tls.js";
import { buildCommand, runCommand, startCommand } from "./command.js";

beforeAll(() => buildCommand(), 120_000);

async function redis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const server = await startRedis({ kind: "redis", ...options });
  onTestFinished(() => server.stop());
  return server;
}

async function portOf(server: Server): Promise<number> {
  onTestFinished(() => void server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

/** Says yes to whatever a client asks while it connects, and this to everything else. */
function answering(reply: string): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => {
      for (const command of data.toString().split(/(?=\*\d+\r\n)/))
        socket.write(/HELLO|SETINFO|MAINT/i.test(command) ? "+OK\r\n" : `-${reply}\r\n`);
    });
  });
  return portOf(server);
}

/** One line, on stderr, and the same from the doctor. */
async function said(places: string[]): Promise<{ line: string; findings: Finding[] }> {
  const { code, stderr } = await runCommand(["sessions", "count", ...places]);
  expect(code).toBe(1);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  const examined = await runCommand(["doctor", "--json", ...places]);
  expect({ code: examined.code, stderr: examined.stderr }).toEqual({ code: 1, stderr: "" });
  return { line: stderr.trim(), findings: JSON.parse(examined.stdout).findings };
}

const at = (port: number, scheme = "redis") => ["--redis", `${scheme}://127.0.0.1:${port}`];
const address = "Check that Redis runs and that the address is right";

describe.skipIf(!redisServerPath)("a server that", { timeout: 60_000 }, () => {
  it.each([
    ["LOADING Redis is loading the dataset in memory", /is still loading its data.*\. Wait/],
    ["MASTERDOWN Link with MASTER is down", /is a replica that has lost its primary.*\. Connect to the primary/],
    ["MISCONF Redis is configured to save RDB snapshots", /cannot save to its disk.*\. Look at its log.*BGSAVE/],
    ["BUSY Redis is busy running a script.", /a script that does not end.*SCRIPT KILL/],
    ["CLUSTERDOWN The cluster is down", /a cluster that is down.*\. Bring back the servers/],
    ["NOAUTH Authentication required.", /asks for a password.*REDIS_PASSWORD/],
    ["WRONGPASS invalid username-password pair", /refused the password.*REDIS_PASSWORD/],
    ["ERR max number of clients reached", /accepts no more connections.*maxclients/],
    ["DENIED Redis is running in protected mode", /its own machine only.*passwords/],
  ])("answers %s", async (reply, words) => {
    const { line, findings } = await said(at(await answering(reply)));
    expect(line).toMatch(words);
    expect(line).not.toContain(address);
    const bad = findings.find(({ level }) => level === "bad")!;
    expect(`${bad.found}. ${bad.remedy}`).toMatch(words);
    expect(bad.check).toMatch(/reachable|ping/);
  });

  it("cannot save to its disk is examined, which tells why", async () => {
    const server = await redis({ args: ["--save", "3600 1"] });
    const client = await server.client();
    await client.set("sess:1", "{}");
    mkdirSync(join((await client.configGet("dir")).dir!, "dump.rdb"));
    await client.sendCommand(["BGSAVE"]);
    await expect.poll(() => client.info("persistence"), { timeout: 10_000 }).toContain("bgsave_status:err");
    const { line, findings } = await said(at(server.port));
    expect(line).toMatch(/cannot save to its disk/);
    expect(findings.find(({ check }) => check === "last-save")).toMatchObject({ level: "bad", commands: ["BGSAVE"] });
  });

  it("is a replica takes no writes, which is said", async () => {
    const server = await redis();
    const client = await server.client();
    await client.set("sess:abc", '{"cookie":{}}');
    const replica = await redis({ args: ["--replicaof", "127.0.0.1", "1"] });
    const itself = await replica.client();
    await itself.sendCommand(["REPLICAOF", "NO", "ONE"]);
    await itself.set("sess:abc", '{"cookie":{}}');
    await itself.sendCommand(["REPLICAOF", "127.0.0.1", "1"]);
    const { code, stderr } = await runCommand(["sessions", "clear", "--yes", "--prefix", "sess:", ...at(replica.port)]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/the server is a replica, which takes no writes.*primary/),
    ]);
  });

  it("is not a Redis, but speaks HTTP", async () => {
    const http = createHttpServer((_req, res) => res.end("hello"));
    const { line } = await said(at(await portOf(http)));
    expect(line).toMatch(/^The server at redis:\/\/127\.0\.0\.1:\d+ is not a Redis.*Check the address/);
  });

  it.skipIf(!canStartTls)("speaks TLS where none is expected, and none where it is", async () => {
    const tls = await startTlsRedis();
    onTestFinished(() => tls.stop());
    expect((await said(at(tls.port))).line).toMatch(/closed the connection\. If it expects TLS, write rediss:/);
    const plain = await redis();
    expect((await said(at(plain.port, "rediss"))).line).toMatch(/write redis:\/\/ in place of rediss/);
  });

  it("is of another kind than the option says", async () => {
    const { port } = await redis();
    const nodes = `127.0.0.1:${port}`;
    expect((await said(["--cluster", nodes])).line).toMatch(/is not part of a cluster.*Use --redis/);
    expect((await said(["--sentinel", `mymaster@${nodes}`])).line).toMatch(/is not a sentinel/);
    const unformed = await redis({ args: ["--cluster-enabled", "yes"] });
    expect((await said(["--cluster", `127.0.0.1:${unformed.port}`])).line).toMatch(/no server with slots/);
  });
});

describe.skipIf(!redisServerPath)("a Redis that is frozen", { timeout: 60_000 }, () => {
  async function frozenInTheMiddle(args: string[]) {
    const server = await redis();
    const client: RedisClientType = await server.client();
    for (let i = 0; i < 30; i++)
      await client.mSet(
        Object.fromEntries(Array.from({ length: 1000 }, (_, j) => [`sess:${i * 1000 + j}`, '{"cookie":{}}'])),
      );
    const scans = async () => Number(/cmdstat_scan:calls=(\d+)/.exec(await client.info("commandstats"))?.[1] ?? 0);
    const running = startCommand(["sessions", ...args, ...at(server.port)]);
    await expect.poll(scans, { interval: 2, timeout: 30_000 }).toBeGreaterThan(3);
    server.process.kill("SIGSTOP");
    onTestFinished(() => void server.process.kill("SIGCONT"));
    return { running, since: performance.now() };
  }

  it("costs a command its 5 seconds, and not as many again while it closes", async () => {
    const { running, since } = await frozenInTheMiddle(["list"]);
    expect((await running.ended).code).toBe(1);
    expect(performance.now() - since).toBeLessThan(9000);
  });

  it("does not keep Ctrl-C waiting", async () => {
    const { running, since } = await frozenInTheMiddle(["list"]);
    running.child.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
    expect(performance.now() - since).toBeLessThan(4000);
  });

  it("nor while it is being connected", async () => {
    const silent = createServer(() => {});
    const running = startCommand(["sessions", "count", ...at(await portOf(silent))]);
    const connected = once(silent, "connection");
    await connected;
    const since = performance.now();
    running.child.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
    expect(performance.now() - since).toBeLessThan(4000);
  });
});
