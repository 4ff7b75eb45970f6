/** `holdfast top` on a Cluster, behind Sentinel, and over TLS as a Redis user with the documented rights; the page's commands. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, createCluster, createSentinel, type RedisClientType } from "redis";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { columns } from "../../../lib/cli/top/columns.js";
import { redisServerPath } from "../../support/programs.js";
import { startCluster } from "../../support/servers/redis-cluster.js";
import { startSentinel } from "../../support/servers/redis-sentinel.js";
import { canStartTls, startTlsRedis } from "../../support/servers/redis-tls.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { buildCommand, paste, runCommand, startCommand, type Running } from "../command.js";
import { leave, pulseOf } from "./pulses.js";

beforeAll(() => buildCommand(), 120_000);

const list = (nodes: readonly { host: string; port: number }[]) =>
  nodes.map(({ host, port }) => `${host}:${port}`).join();
const page = (name: string) => readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), "utf8");
const top = (args: string[], env: Record<string, string> = {}) => runCommand(["top", "--once", ...args], env);
const MB = 1024 ** 2;

async function expectStopped({ child, ended }: Running): Promise<void> {
  const began = performance.now();
  child.kill("SIGINT");
  expect((await ended).code).toBe(130);
  expect(performance.now() - began).toBeLessThan(2000);
}

describe.skipIf(!redisServerPath)("holdfast top", { timeout: 120_000 }, () => {
  it("on a Cluster adds up the primaries, and names the fullest one", async () => {
    const cluster = await startCluster();
    onTestFinished(() => cluster.stop());
    const client = await createCluster({ rootNodes: cluster.nodes.map((socket) => ({ socket })) }).connect();
    onTestFinished(() => client.destroy());
    await leave(client, pulseOf({ host: "web-7" }));
    const [full] = client.masters.toSorted((a, b) => b.port - a.port);
    for (const master of client.masters) {
      const node = await client.nodeClient(master);
      await node.configSet("maxmemory", master === full ? "50mb" : "100mb");
    }
    const { stdout } = await top(["--cluster", list(cluster.nodes), "--json"]);
    const { memory, processes } = JSON.parse(stdout);
    expect(processes).toMatchObject([{ host: "web-7" }]);
    const server = expect.stringMatching(`:${full!.port}$`);
    expect(memory).toMatchObject({ servers: 3, silent: 0, limit: 250 * MB, fullest: { server, limit: 50 * MB } });
    expect(memory.used).toBeGreaterThan(memory.fullest.used);
    const { code, stdout: text } = await top(["--cluster", list(cluster.nodes)]);
    expect(code).toBe(0);
    expect(text).toMatch(/^memory +\S+ MB of 250 MB, \d+% +in 3 primaries +fullest \S+:\d+, \d+%$/m);
  });

  it("on a frozen Cluster keeps the last view, and is stopped at once", async () => {
    const cluster = await startCluster();
    onTestFinished(() => cluster.stop());
    const running = startCommand(["top", "--cluster", list(cluster.nodes), "--interval", "0.5"]);
    await running.printed("No process calls pulse()");
    for (const server of cluster.servers) server.process.kill("SIGSTOP");
    await running.printed("Old, read");
    await expectStopped(running);
  });

  it("behind Sentinel asks the primary", async () => {
    const sentinel = await startSentinel();
    onTestFinished(() => sentinel.stop());
    const client = await createSentinel({ name: sentinel.name, sentinelRootNodes: sentinel.nodes }).connect();
    onTestFinished(() => client.destroy());
    await leave(client, pulseOf({ host: "web-7" }));
    const { code, stdout } = await top([], { REDIS_SENTINEL: `${sentinel.name}@${list(sentinel.nodes)}` });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^memory +[\d.,]+ [KM]B, no maxmemory$/m);
    expect(stdout).toContain("web-7");
  });

  it("behind Sentinel follows a failover", async () => {
    const sentinel = await startSentinel({ downAfter: 6000 }); // so that reads fail before: their deadline is two seconds
    onTestFinished(() => sentinel.stop());
    const places = `${sentinel.name}@${list(sentinel.nodes)}`;
    const running = startCommand(["top", "--sentinel", places, "--interval", "0.5"]);
    await running.printed("No process calls pulse()");
    const replicas = await Promise.all(sentinel.servers.slice(1).map((server) => server.client()));
    sentinel.servers[0]!.process.kill("SIGSTOP");
    await running.printed("Old, read");
    const promoted = async () => {
      const roles = await Promise.all(replicas.map((replica) => replica.info("replication")));
      return replicas[roles.findIndex((role) => role.includes("role:master"))];
    };
    await expect.poll(promoted, { timeout: 60_000 }).toBeDefined();
    await leave((await promoted())!, pulseOf({ host: "web-8" }));
    await running.printed("web-8");
    await expectStopped(running);
  });

  it.skipIf(!canStartTls)("over TLS, as users with the documented rights", async () => {
    const line = /```acl\nuser holdfast (.*)\n```/.exec(page("production"))![1]!.replace("PASSWORD", "hush");
    const added = /Add for `holdfast top`: `([^`]*)`/.exec(page("production"))![1]!;
    const own = /```acl\nuser top (.*)\n```/.exec(page("top"))![1]!.replace("PASSWORD", "hush");
    const acl = [`user app ${line} ${added}`, `user top ${own}`, "user default on nopass ~* &* +@all"];
    const tls = await startTlsRedis({ acl });
    const folder = mkdtempSync(join(tmpdir(), "holdfast-top-"));
    onTestFinished(async () => {
      rmSync(folder, { recursive: true });
      await tls.stop();
    });
    const ca = join(folder, "ca.pem");
    writeFileSync(ca, tls.ca);
    const socket = { tls: true as const, ca: tls.ca, servername: "redis.internal", host: "127.0.0.1", port: tls.port };
    const client = await createClient({ socket }).connect();
    onTestFinished(() => client.destroy());
    await leave(client, pulseOf({ host: "web-7" }));
    for (const user of ["app", "top"]) {
      const url = `rediss://${user}:hush@127.0.0.1:${tls.port}`;
      const args = ["--redis", url, "--tls-ca", ca, "--tls-servername", "redis.internal"];
      const { code, stdout, stderr } = await top(args);
      expect({ user, code, stderr }).toEqual({ user, code: 0, stderr: "" });
      expect(stdout).toMatch(/^memory +[\d.,]+ [KM]B, no maxmemory$[^]*web-7/m);
    }
    const log = JSON.stringify(await client.sendCommand(["ACL", "LOG"]));
    expect(log).not.toMatch(/zrange|mget|info"|ping/i);
  });
});

describe.skipIf(!redisServerPath)("a Redis user of its own", { timeout: 60_000 }, () => {
  const server = useRedis({ kind: "redis" });
  const [, own = ""] = /```acl\nuser top (.*)\n```/.exec(page("top"))!;
  let admin: RedisClientType;
  beforeAll(async () => {
    admin = await server.client();
    await leave(admin, pulseOf({ host: "web-7" }));
  });

  const topWithout = async (right: string) => {
    const rules = own.replace("PASSWORD", "hush").replace(` ${right}`, "").split(" ");
    await admin.sendCommand(["ACL", "SETUSER", "top", "reset", ...rules]);
    return top(["--redis", `redis://top:hush@127.0.0.1:${server.port}`]);
  };

  it.each([["+ping"], ["+zrange"], ["+mget"], ["~{holdfast:pulse}*"]])(
    "without %s is refused in words",
    async (right) => {
      const { code, stdout, stderr } = await topWithout(right);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toContain("docs/production.md");
      expect(stderr).not.toMatch(/hush|\n\s+at /);
    },
  );

  it("without +info sees everything but the memory", async () => {
    const { code, stdout } = await topWithout("+info");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^memory +not known: this Redis user may not run INFO$[^]*web-7/m);
  });
});

describe("docs/top.md", () => {
  const server = useRedis();
  const [, block = ""] = /```sh\nexport REDIS_URL=.*\n([^`]*)```/.exec(page("top"))!;

  it.each(block.trim().split("\n"))("%s", async (line) => {
    expect(await paste(line, { REDIS_URL: server.url })).toMatchObject({ code: 0, stderr: "" });
  });

  it("names every column and every option", async () => {
    const { stdout } = await runCommand(["top", "--help"]);
    for (const [, option] of stdout.matchAll(/^ {2}(--[a-z]+)/gm)) {
      const name = option!.startsWith("--tls") ? "--tls-*" : option;
      expect(page("top")).toContain(`\`${name}`);
    }
    for (const [name, { title }] of Object.entries(columns)) {
      expect(page("top")).toContain(`\`${name}\``);
      expect(page("top")).toContain(title);
    }
  });
});
