/** docker-compose.yml: accepted by Compose; its settings, password and health check by a real Redis. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { freePort } from "../support/free-port.js";
import { findProgram, redisServerPath } from "../support/programs.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const compose = findProgram("docker-compose");
/** Everything that a shell or a configuration file could stumble over. */
const password = `a "quoted" $(word) \\n #1 'and' a long one`;
const secrets = { REDIS_PASSWORD: password, SESSION_SECRET: "a secret of at least 32 characters" };

interface Service {
  command: string[];
  entrypoint: string[];
  environment: Record<string, string>;
  healthcheck: { test: string[] };
}

/** The file as Compose understands it; run where no .env lies. */
function config(env: Record<string, string>) {
  const args = ["--project-directory", root, "--file", join(root, "docker-compose.yml"), "config"];
  const { PATH, HOME } = process.env;
  return spawnSync(compose!, args, { cwd: tmpdir(), encoding: "utf8", env: { PATH, HOME, ...env } });
}

interface Services {
  redis: Service;
  shop: Service;
}
let known: Services | undefined;

function services(): Services {
  return (known ??= readServices());
}

function readServices(): Services {
  const { stdout, stderr, status } = config(secrets);
  if (status !== 0) throw new Error(stderr);
  return (parse(stdout) as { services: Services }).services;
}

/** Compose writes `$` as `$$`. */
const plain = (text: string) => text.replaceAll("$$", "$");

describe.skipIf(!compose)("docker-compose.yml", () => {
  it("is accepted by Compose", () => {
    expect(config(secrets)).toMatchObject({ status: 0, stderr: "" });
  });

  it.each(Object.keys(secrets))("does not start without %s, and names it", (name) => {
    const { status, stderr } = config({ ...secrets, [name]: "" });
    expect(status).not.toBe(0);
    expect(stderr).toContain(name);
  });

  it("gives the shop the database number and the password of this Redis", () => {
    const { redis, shop } = services();
    expect(plain(redis.environment["REDISCLI_AUTH"]!)).toBe(password);
    expect(plain(shop.environment["REDIS_PASSWORD"]!)).toBe(password);
    expect(shop.environment).toMatchObject({ REDIS_HOST: "redis", REDIS_DB: "1" });
  });

  it("opens its ports to this machine only", () => {
    const published = readFileSync(join(root, "docker-compose.yml"), "utf8").match(/^ +- .*\d+:\d+$/gm);
    expect(published).toHaveLength(2);
    for (const line of published!) expect(line).toContain(" 127.0.0.1:");
  });
});

describe.skipIf(!compose || !redisServerPath)("Redis, started as docker-compose.yml does", () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-compose-"));
  const env = { PATH: `${folder}${delimiter}${process.env["PATH"]}`, REDISCLI_AUTH: password };
  let port: number;
  let server: ChildProcess;
  let redis: Service;

  beforeAll(async () => {
    ({ redis } = services());
    port = await freePort();
    // Stands for the image's own entry point, which gives up root and then starts what it is told.
    writeFileSync(join(folder, "docker-entrypoint.sh"), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
    const [shell, ...script] = [...redis.entrypoint, ...redis.command].map(plain);
    const ours = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder];
    server = spawn(shell!, [...script, ...ours], { env, stdio: "ignore" });
    await untilHealthy();
  });

  afterAll(async () => {
    if (server.exitCode === null) {
      server.kill("SIGKILL");
      await once(server, "exit");
    }
    rmSync(folder, { recursive: true, force: true });
  });

  /** The health check of the file, word for word, pointed at our port. */
  function healthCheck(auth: string) {
    const [kind, command] = redis.healthcheck.test;
    expect(kind).toBe("CMD-SHELL");
    const here = plain(command!).replace("redis-cli", `redis-cli -p ${port}`);
    return spawnSync("/bin/sh", ["-c", here], { env: { ...env, REDISCLI_AUTH: auth }, encoding: "utf8" });
  }

  async function untilHealthy(): Promise<void> {
    const deadline = Date.now() + 15_000;
    while (healthCheck(password).status !== 0) {
      if (Date.now() > deadline || server.exitCode !== null) throw new Error("Redis did not become healthy");
      await delay(50);
    }
  }

  async function connect(withPassword: string) {
    const client = createClient({
      socket: { port, reconnectStrategy: false },
      password: withPassword,
      database: Number(services().shop.environment["REDIS_DB"]),
    });
    client.on("error", () => {});
    onTestFinished(() => client.destroy());
    return client.connect();
  }

  it("has every setting of the file", async () => {
    const client = await connect(password);
    const settings = redis.command
      .join(" ")
      .split(/(?:^| )--/)
      .slice(1);
    expect(settings.length).toBeGreaterThanOrEqual(5);
    for (const setting of settings) {
      const [name, ...value] = setting.split(" ");
      const expected = value.join(" ").replace(/^(\d+)mb$/, (_, mb) => String(Number(mb) * 1024 * 1024));
      expect(await client.configGet(name!)).toEqual({ [name!]: expected });
    }
  });

  it("writes every change to the append-only file", () => {
    expect(readdirSync(folder)).toContain("appendonlydir");
  });

  it("loses sessions and no account when the memory is full; allkeys-lru would lose accounts", async () => {
    const client = await connect(password);
    const policy = redis.command[redis.command.indexOf("--maxmemory-policy") + 1]!;
    const kept = await accountsLeft(client, policy);
    expect(kept).toEqual({ accounts: 300, evicted: true });
    expect((await accountsLeft(client, "allkeys-lru")).accounts).toBeLessThan(300);
  });

  /** Makes 300 accounts, then more sessions than fit. */
  async function accountsLeft(client: Awaited<ReturnType<typeof connect>>, policy: string) {
    await client.flushDb();
    await client.configResetStat();
    await client.configSet("maxmemory-policy", policy);
    for (let n = 0; n < 300; n += 1) await client.hSet(`user:${n}`, { username: `name ${n}`, created_at: "0" });
    const used = Number(/used_memory:(\d+)/.exec(await client.info("memory"))![1]);
    await client.configSet("maxmemory", String(used + 2_000_000));
    for (let n = 0; n < 60; n += 1) {
      await Promise.all(
        Array.from({ length: 50 }, (_, i) => client.set(`sess:${n}-${i}`, "x".repeat(2500), { EX: 600 })),
      );
    }
    const evicted = Number(/evicted_keys:(\d+)/.exec(await client.info("stats"))![1]);
    const accounts = (await client.keys("user:*")).length;
    return { accounts, evicted: evicted > 0 };
  }

  it("asks for the password, and takes it as it is", async () => {
    await expect(connect("wrong")).rejects.toThrow(/WRONGPASS/);
    await expect(connect("")).rejects.toThrow(/NOAUTH/);
    await expect((await connect(password)).ping()).resolves.toBe("PONG");
  });

  it("is unhealthy with a wrong password, and the check's output names no password", () => {
    const { status, stdout, stderr } = healthCheck("wrong");
    expect(status).not.toBe(0);
    expect(stdout + stderr).not.toContain("wrong");
  });

  it("shows its password to no process list", () => {
    expect(readFileSync(`/proc/${server.pid}/cmdline`, "utf8")).not.toContain("quoted");
    expect([...redis.entrypoint, ...redis.command, ...redis.healthcheck.test].join(" ")).not.toContain("quoted");
  });

  it("ends when Compose tells it to", async () => {
    server.kill("SIGTERM");
    const [code] = (await once(server, "exit")) as [number | null];
    expect(code).toBe(0);
  });
});
