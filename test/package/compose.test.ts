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
import { freePort } from "../support/servers/free-port.js";
import { findProgram, redisServerPath } from "../support/programs.js";
import { Customer } from "../support/shop.js";
import { startShopProgram } from "../support/shop-program.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const compose = findProgram("docker-compose");
/** Everything that a shell or a configuration file could stumble over. */
const password = `a "quoted" $(word) \\n #1 'and' a long one`;
const shopPassword = `${password}, \\the shop's`;
const secrets = {
  REDIS_ADMIN_PASSWORD: password,
  REDIS_PASSWORD: shopPassword,
  SESSION_SECRET: "a secret of at least 32 characters",
};

interface Service {
  image: string;
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

  it("gives the shop the database number, and the user and the password of this Redis", () => {
    const { redis, shop } = services();
    expect(plain(redis.environment["REDISCLI_AUTH"]!)).toBe(password);
    expect(plain(redis.environment["SHOP_PASSWORD"]!)).toBe(shopPassword);
    expect(plain(shop.environment["REDIS_PASSWORD"]!)).toBe(shopPassword);
    expect(shop.environment).toMatchObject({ REDIS_HOST: "redis", REDIS_DB: "1", REDIS_USERNAME: "holdfast" });
  });

  it("names the exact version of each image, as the Dockerfile does", () => {
    const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");
    const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image!);
    for (const image of [services().redis.image, ...images]) expect(image).toMatch(/:\d+\.\d+\.\d+-/);
  });

  it("opens its ports to this machine only", () => {
    const published = readFileSync(join(root, "docker-compose.yml"), "utf8").match(/^ +- .*\d+:\d+$/gm);
    expect(published).toHaveLength(2);
    for (const line of published!) expect(line).toContain(" 127.0.0.1:");
  });
});

describe.skipIf(!compose || !redisServerPath)("Redis, started as docker-compose.yml does", () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-compose-"));
  const env = {
    PATH: `${folder}${delimiter}${process.env["PATH"]}`,
    REDISCLI_AUTH: password,
    SHOP_PASSWORD: shopPassword,
  };
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

  async function connect(withPassword: string, username = "default") {
    const client = createClient({
      socket: { port, reconnectStrategy: false },
      username,
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

  it("loses nothing when visitors fill the memory; with any other policy they would take accounts, counts or logins away", async () => {
    const client = await connect(password);
    const asInTheFile = await client.configGet(["maxmemory", "maxmemory-policy"]);
    const policy = asInTheFile["maxmemory-policy"]!;
    // Full, and with another policy, the server would evict the sessions of the tests that follow.
    onTestFinished(async () => {
      await client.flushDb();
      await client.configSet(asInTheFile);
    });
    expect(await whatIsLeft(client, policy)).toEqual({ accounts: 300, counts: 300, refused: true });
    expect((await whatIsLeft(client, "allkeys-lru")).accounts).toBeLessThan(300);
    for (const other of ["volatile-lru", "volatile-ttl"])
      expect((await whatIsLeft(client, other)).counts).toBeLessThan(300);
  });

  /** Makes 300 accounts and 300 counts of wrong passwords, then more sessions than fit. */
  async function whatIsLeft(client: Awaited<ReturnType<typeof connect>>, policy: string) {
    await client.configSet("maxmemory", "0");
    await client.flushDb();
    await client.configResetStat();
    await client.configSet("maxmemory-policy", policy);
    for (let n = 0; n < 300; n += 1) {
      await client.hSet(`user:${n}`, { username: `name ${n}`, created_at: "0" });
      await client.set(`throttle:${n}`, "5", { EX: 500 });
    }
    const used = Number(/used_memory:(\d+)/.exec(await client.info("memory"))![1]);
    await client.configSet("maxmemory", String(used + 2_000_000));
    let refused = 0;
    for (let n = 0; n < 60; n += 1) {
      const visits = Array.from({ length: 50 }, (_, i) => client.set(`sess:${n}-${i}`, "x".repeat(2500), { EX: 600 }));
      refused += (await Promise.allSettled(visits)).filter(({ status }) => status === "rejected").length;
    }
    const left = async (pattern: string) => (await client.keys(pattern)).length;
    return { accounts: await left("user:*"), counts: await left("throttle:*"), refused: refused > 0 };
  }

  it("asks for the password, and takes it as it is", async () => {
    await expect(connect("wrong")).rejects.toThrow(/WRONGPASS/);
    await expect(connect("")).rejects.toThrow(/NOAUTH/);
    await expect((await connect(password)).ping()).resolves.toBe("PONG");
  });

  it("gives the shop's user the rights of docs/production.md, and no other", async () => {
    const page = readFileSync(join(root, "docs/production.md"), "utf8");
    const [, line] = /```acl\nuser holdfast on >PASSWORD (.*)\n```/.exec(page)!;
    const added = ["`holdfast/auth`", "`RedisAccounts`", "`pulse`", "a database number above 0"].map(
      (what) => new RegExp(`Add for ${what}: \`([^\`]*)\``).exec(page)![1]!,
    );
    const rights = [line!, ...added].join(" ").split(" ");
    const admin = await connect(password);
    await admin.sendCommand(["ACL", "SETUSER", "expected", "on", `>${shopPassword}`, ...rights]);
    const [shop, expected] = [await admin.aclGetUser("holdfast"), await admin.aclGetUser("expected")];
    expect(shop).toEqual(expected);
    await expect((await connect(shopPassword, "holdfast")).configGet("maxmemory")).rejects.toThrow(/NOPERM/);
    await expect((await connect(shopPassword, "holdfast")).get("another app's")).rejects.toThrow(/NOPERM/);
  });

  it("lets the shop do all that it does", { timeout: 60_000 }, async () => {
    const admin = await connect(password);
    await admin.sendCommand(["ACL", "LOG", "RESET"]);
    const { REDIS_DB, REDIS_USERNAME } = services().shop.environment;
    const place = { REDIS_HOST: "127.0.0.1", REDIS_PORT: String(port), REDIS_DB, REDIS_USERNAME };
    const shop = await startShopProgram({ ...place, REDIS_PASSWORD: shopPassword, WORKERS: "1" });
    onTestFinished(async () => void (await shop.stop()));
    const [laptop, phone] = [new Customer(shop), new Customer(shop)];
    await laptop.submit("/cart", { sku: "mug", quantity: "2" });
    await laptop.register("ada");
    expect(await laptop.cart()).toEqual({ mug: 2 });
    expect((await phone.logIn("ada", "a wrong one")).text).not.toContain('action="/logout"');
    await phone.logIn("ada");
    expect((await phone.get("/account")).text).toContain("ada");
    await phone.submit("/logout", {});
    const log = (await admin.sendCommand(["ACL", "LOG"])) as unknown as unknown[];
    expect(log.filter((entry) => !/client\|/.test(JSON.stringify(entry)))).toEqual([]); // `client|setinfo` harms nobody
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
