/** `holdfast top` as it is typed, its output in a pipe: blocks, JSON, exit codes, and a Redis that freezes. */
import { channel } from "node:diagnostics_channel";
import type { RedisClientType } from "redis";
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { redisSession } from "holdfast";
import { pulse } from "holdfast/ops";
import { secret } from "../../promises/candidates.js";
import { freePort } from "../../support/servers/free-port.js";
import { startProxy } from "../../support/servers/proxy.js";
import { startRedis } from "../../support/servers/redis-server.js";
import { redisServerPath } from "../../support/programs.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { buildCommand, runCommand, startCommand } from "../command.js";
import { leave, pulseOf } from "./pulses.js";

const server = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  await buildCommand();
  client = await server.client();
}, 120_000);
beforeEach(() => client.flushAll());

const top = (...args: string[]) => runCommand(["top", "--redis", server.url, ...args]);

describe("holdfast top --once", { timeout: 60_000 }, () => {
  it("shows what pulse() has counted", async () => {
    const sessions = redisSession({ url: server.url, secret });
    await sessions.ready();
    const running = pulse(sessions, { name: "shop", version: "1.4.2", interval: 1000 });
    onTestFinished(async () => {
      await running.stop();
      await sessions.close();
    });
    const { store } = sessions;
    for (let n = 0; n < 1234; n++) channel("holdfast:session:gone").publish({ store, duration: 1 });
    const shown = async () => (await top("--once")).stdout;
    await expect.poll(shown, { timeout: 20_000 }).toMatch(/^conflicts +merged 0\/s \(0\) +gone \S+\/s \(1,234\)$/m);
    const { code, stdout, stderr } = await top("--once");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^processes {2}1 +all with Redis +version 1\.4\.2$/m);
    expect(stdout).toMatch(/^memory +[\d.,]+ [KM]B(, no maxmemory| of )/m);
    expect(stdout).toMatch(/^shop +\S+ +\d+ +1\.4\.2 +\d.* yes +-$/m);
    expect(stdout).not.toContain("\u001b");
  });

  it("shows the busiest process first, or by --sort another one", async () => {
    await leave(client, pulseOf({ host: "web-1", counts: { requests: 5 } }));
    await leave(client, pulseOf({ host: "web-2", counts: { requests: 50 }, memory: { rss: 1, heapUsed: 1 } }));
    const hosts = ({ stdout }: { stdout: string }) => [...stdout.matchAll(/web-\d/g)].map(([host]) => host);
    expect(hosts(await top("--once"))).toEqual(["web-2", "web-1"]);
    expect(hosts(await top("--once", "--sort", "rss"))).toEqual(["web-1", "web-2"]);
  });

  it("says that no process calls pulse(), and how to", async () => {
    const { code, stdout } = await top("--once");
    expect(code).toBe(0);
    expect(stdout).toContain("No process calls pulse(), at least none with this Redis and the key {holdfast:pulse}.");
    expect(stdout).toContain('import { pulse } from "holdfast/ops";');
    expect((await top("--once", "--key", "{other}")).stdout).toContain("the key {other}");
  });

  it("nothing that was written to Redis reaches the terminal as a control character", async () => {
    const strange = "\u001b[2J\u202eweb\u009b\n";
    await leave(client, pulseOf({ name: strange, host: strange, version: strange }));
    const { stdout } = await top("--once");
    expect(stdout).toContain(String.raw`\u001b[2J\u202eweb\u009b\n`);
    expect(stdout.replaceAll("\n", "")).not.toMatch(/\p{C}/u);
    const json = await top("--once", "--json");
    expect(json.stdout).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(json.stdout).processes[0].name).toBe(strange);
  });

  it("--json prints one object, the memory included", async () => {
    await client.configSet("maxmemory", "100mb");
    onTestFinished(async () => void (await client.configSet("maxmemory", "0")));
    await leave(client, pulseOf({ counts: { requests: 10, found: 9 } }), pulseOf());
    const { code, stdout, stderr } = await top("--once", "--json");
    expect([code, stderr, stdout.split("\n").length]).toEqual([0, "", 2]);
    const memory = { used: expect.any(Number), limit: 100 * 1024 ** 2 };
    expect(JSON.parse(stdout)).toMatchObject({
      sum: { processes: 2, counts: { requests: 10 }, foundRatio: 0.9, nearCacheRatio: null },
      memory: { ...memory, servers: 1, silent: 0, fullest: { ...memory, server: `127.0.0.1:${server.port}` } },
      processes: [{ counts: { requests: 10 } }, { counts: { requests: 0 } }],
    });
    expect((await top("--once")).stdout).toMatch(/^memory {5}[\d.]+ [KM]B of 100 MB, \d+%$/m);
  });
});

describe("holdfast top", { timeout: 60_000 }, () => {
  it("prints a block for each interval, until it is stopped", async () => {
    const running = startCommand(["top", "--redis", server.url, "--interval", "0.5"]);
    await running.printed("No process calls pulse()");
    await leave(client, pulseOf({ host: "web-7" }));
    await running.printed("web-7");
    await client.flushAll();
    await running.printed("No process has sent a pulse lately");
    running.child.kill("SIGTERM");
    const { code, stdout, stderr } = await running.ended;
    expect([code, stderr]).toEqual([143, ""]);
    expect(stdout.match(/^holdfast top {2}\S+Z {2}Redis at /gm)!.length).toBeGreaterThanOrEqual(3);
    expect(stdout).not.toContain("\u001b");
  });

  it("ends with its reader, as in `| head`", async () => {
    const { child, ended, printed } = startCommand(["top", "--redis", server.url, "--interval", "0.5", "--json"]);
    await printed('"sum"');
    child.stdout!.destroy();
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
  });

  it("at the start, a Redis that is away is an error, without a password", async () => {
    const away = `redis://shop:hush@127.0.0.1:${await freePort()}`;
    for (const args of [[], ["--once"], ["--json"]]) {
      const { code, stdout, stderr } = await runCommand(["top", "--redis", away, ...args]);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^Redis at .* cannot be reached: nothing listens/)]);
      expect(stdout + stderr).not.toMatch(/hush|\n\s+at /);
      if (args[0] !== "--json") expect(stdout).toBe("");
      else expect(JSON.parse(stdout)).toMatchObject({ error: { code: "HOLDFAST_REDIS_UNREACHABLE" } });
    }
  });

  it.each([
    [["--interval", "0.4"], /--interval is "0\.4", but must be a number of seconds from 0\.5 to 3600/],
    [["--interval", "soon"], /--interval is "soon"/],
    [["--interval", "1e9"], /--interval is "1e9"/],
    [["--sort", "speed"], /Allowed choices are name, host, pid/],
    [["--redsi", "x"], /did you mean --redis/],
    [["--cluster", "nowhere"], /must look like/],
    [["now"], /Too many arguments/],
  ])("%j is wrong usage", async (args, message) => {
    const { code, stdout, stderr } = await runCommand(["top", ...args]);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(message) });
  });

  it.skipIf(!redisServerPath).each(["text", "JSON"])(
    "while Redis is frozen, says so with the age of what it knows, and goes on when it is back; as %s",
    async (kind) => {
      const frozen = await startRedis({ kind: "redis" });
      onTestFinished(() => frozen.stop());
      const own = await frozen.client();
      await leave(own, pulseOf({ host: "web-7" }));
      const isJson = kind === "JSON";
      const running = startCommand(["top", "--redis", frozen.url, "--interval", "0.5", ...(isJson ? ["--json"] : [])]);
      await running.printed("web-7");
      frozen.process.kill("SIGSTOP");
      await running.printed(isJson ? '"error"' : "Old, read");
      frozen.process.kill("SIGCONT");
      await own.del("{holdfast:pulse}");
      await leave(own, pulseOf({ host: "web-8" }));
      await running.printed("web-8");
      running.child.kill("SIGINT");
      const { code, stdout } = await running.ended;
      expect(code).toBe(130);
      if (!isJson) return expect(stdout).toMatch(/^Old, read [\d.]+ s ago: The session store failed: .* within 2 s\./m);
      const objects = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      const errors = objects.filter(({ error }) => error);
      expect(errors[0]).toMatchObject({ age: expect.any(Number), error: { code: "SESSION_STORE_UNAVAILABLE" } });
      expect(errors[0].processes).toBeUndefined();
      expect(objects.at(-1)).toMatchObject({ processes: [{ host: "web-8" }] });
    },
  );

  it.skipIf(!redisServerPath)("is stopped at once, also while it waits for Redis", async () => {
    const frozen = await startRedis({ kind: "redis" });
    const proxy = await startProxy(frozen.port, 0);
    onTestFinished(async () => {
      await proxy.close();
      await frozen.stop();
    });
    const running = startCommand(["top", "--redis", `redis://127.0.0.1:${proxy.port}`, "--interval", "0.5"]);
    await running.printed("No process calls");
    frozen.process.kill("SIGSTOP");
    proxy.flights = 0;
    await expect.poll(() => proxy.flights, { interval: 5 }).toBeGreaterThan(0); // it will wait for two seconds
    const began = performance.now();
    running.child.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
    expect(performance.now() - began).toBeLessThan(1200);
  });
});
