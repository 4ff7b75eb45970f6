/** `holdfast sessions` on a Cluster, behind Sentinel, and over TLS as a Redis user with the documented rights; the page's commands. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient, createCluster, createSentinel } from "redis";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { RedisSessionStore } from "holdfast";
import { redisServerPath } from "../support/programs.js";
import { startCluster } from "../support/servers/redis-cluster.js";
import { startSentinel } from "../support/servers/redis-sentinel.js";
import { canStartTls, startTlsRedis } from "../support/servers/redis-tls.js";
import { useRedis } from "../support/servers/use-redis.js";
import { buildCommand, paste, runCommand } from "./command.js";

beforeAll(() => buildCommand(), 120_000);

const folder = mkdtempSync(join(tmpdir(), "holdfast-sessions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const label = (id: string) => createHash("sha256").update(id).digest("hex").slice(0, 8);
const list = (nodes: readonly { host: string; port: number }[]) =>
  nodes.map(({ host, port }) => `${host}:${port}`).join();
const page = (name: string) => readFileSync(fileURLToPath(new URL(`../../docs/${name}.md`, import.meta.url)), "utf8");

/** 300 sessions, half of them in each layout, half of them of each user; everything that can be done to them. */
async function everything(client: unknown, places: string[]): Promise<void> {
  const stores = (["json", "hash"] as const).map((layout) => new RedisSessionStore({ client, layout }));
  for (let n = 0; n < 300; n++) {
    const data = { cookie: { originalMaxAge: null }, passport: { user: n < 150 ? "7" : "8" } };
    await stores[n % 2]!.set(`id-${n}`, data as never);
  }
  const path = join(mkdtempSync(join(folder, "export-")), "sessions.jsonl");
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCommand(["sessions", ...args, ...places]);
    if (code !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
    return stdout.trimEnd().split("\n");
  };
  expect(await run("count")).toEqual(["300"]);
  const listed = await run("list", "--json");
  expect(new Set(listed.map((line) => JSON.parse(line).session)).size).toBe(300);
  expect(await run("list", "--user", "7")).toHaveLength(150);
  expect(JSON.parse((await run("show", label("id-1"), "--json"))[0]!)).toMatchObject({ user: "7", layout: "hash" });
  await run("export", path);
  await run("end", label("id-1"));
  expect(await run("end", "--user", "7", "--json")).toEqual(['{"ended":149,"logins":false,"unreadable":0}']);
  expect(await run("import", path, "--json")).toEqual(['{"imported":150,"existing":150,"expired":0}']);
  expect(await run("clear", "--yes", "--prefix", "sess:", "--json")).toEqual(['{"ended":300,"left":0}']);
}

describe.skipIf(!redisServerPath)("everything works", { timeout: 120_000 }, () => {
  it("on a Cluster", async () => {
    const cluster = await startCluster();
    onTestFinished(() => cluster.stop());
    const client = await createCluster({ rootNodes: cluster.nodes.map((socket) => ({ socket })) }).connect();
    onTestFinished(() => client.destroy());
    await everything(client, ["--cluster", list(cluster.nodes)]);
  });

  it("behind Sentinel", async () => {
    const sentinel = await startSentinel();
    onTestFinished(() => sentinel.stop());
    const client = await createSentinel({ name: sentinel.name, sentinelRootNodes: sentinel.nodes }).connect();
    onTestFinished(() => client.destroy());
    await everything(client, ["--sentinel", `${sentinel.name}@${list(sentinel.nodes)}`]);
  });

  it.skipIf(!canStartTls)("over TLS, as a user with the documented rights; with fewer it says so", async () => {
    const line = /```acl\nuser holdfast (.*)\n```/.exec(page("production"))![1]!.replace("PASSWORD", "hush");
    const added = /Add for `holdfast sessions`: `([^`]*)`/.exec(page("production"))![1]!;
    const acl = [`user operator ${line} ${added}`, `user app ${line}`, "user default on nopass ~* &* +@all"];
    const tls = await startTlsRedis({ acl });
    onTestFinished(() => tls.stop());
    const ca = join(folder, "ca.pem");
    writeFileSync(ca, tls.ca);
    const socket = { tls: true as const, ca: tls.ca, servername: "redis.internal", host: "127.0.0.1", port: tls.port };
    const client = await createClient({ socket }).connect();
    onTestFinished(() => client.destroy());
    const placesOf = (user: string) => {
      const url = `rediss://${user}:hush@127.0.0.1:${tls.port}`;
      return ["--redis", url, "--tls-ca", ca, "--tls-servername", "redis.internal"];
    };
    await everything(client, placesOf("operator"));
    await new RedisSessionStore({ client }).set("a", { cookie: { originalMaxAge: null } } as never);
    for (const args of [["list"], ["end", label("a")]]) {
      const { code, stderr } = await runCommand(["sessions", ...args, ...placesOf("app")]);
      expect([code, stderr]).toEqual([1, expect.stringContaining("docs/production.md")]);
    }
    expect(await client.exists("sess:a")).toBe(1);
  });
});

describe("docs/sessions.md", () => {
  const server = useRedis();
  const id = "the session that the page names";
  const commands = /```sh\nexport REDIS_URL=.*\n([^`]*)```/.exec(page("sessions"))![1]!.trim().split("\n");
  beforeEach(async () => {
    const client = await server.client();
    await client.flushAll();
    await new RedisSessionStore({ client }).set(id, {
      cookie: { originalMaxAge: null },
      passport: { user: "42" },
    } as never);
    rmSync(join(folder, "sessions.jsonl"), { force: true });
  });

  it("shows every subcommand", () => {
    expect(new Set(commands.map((command) => command.split(" ")[3]))).toEqual(
      new Set(["count", "list", "logins", "show", "end", "export", "import", "clear"]),
    );
  });

  it.each(commands.filter((command) => !/import|clear/.test(command)))("%s", async (command) => {
    const line = command.replace("8ae07a40", label(id)).replace("sessions.jsonl", join(folder, "sessions.jsonl"));
    expect(await paste(line, { REDIS_URL: server.url })).toMatchObject({ code: 0 });
  });

  it("import takes what export wrote, and clear asks", async () => {
    const [exported, imported, clear] = ["export", "import", "clear"].map((name) => {
      const command = commands.find((one) => one.includes(` ${name}`))!;
      return command.replace("sessions.jsonl", join(folder, "sessions.jsonl"));
    });
    const env = { REDIS_URL: server.url };
    expect(await paste(exported!, env)).toMatchObject({ code: 0 });
    expect(await paste(imported!, env)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("1 session was there"),
    });
    expect(await paste(clear!, env)).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
  });

  it("the columns and the JSON are those that it names", async () => {
    const line = /```txt\n(.*)\n```/.exec(page("sessions"))![1]!;
    const { stdout } = await runCommand(["sessions", "list", "--json"], { REDIS_URL: server.url });
    expect(Object.keys(JSON.parse(line))).toEqual(Object.keys(JSON.parse(stdout)));
  });
});
