/** The command when Redis, its rights, its disk or its terminal let it down: it says so, and its exit code does. */
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RedisClientType } from "redis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { callsOf } from "../support/commands.js";
import { freePort } from "../support/servers/free-port.js";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { buildCommand, commandLine, ownEnvironment, runCommand, startCommand } from "./command.js";

const folder = mkdtempSync(join(tmpdir(), "holdfast-trouble-"));
const file = (name: string) => join(folder, name);
let server: TestRedis;
let client: RedisClientType;
beforeAll(async () => {
  await buildCommand();
  server = await startRedis();
  client = await server.client();
}, 120_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await client.flushAll();
});

const sessions = (...args: string[]) => runCommand(["sessions", ...args, "--redis", server.url]);

async function fill(count: number): Promise<void> {
  const text = JSON.stringify({ cookie: { path: "/" }, passport: { user: "7" }, note: "x".repeat(500) });
  for (let i = 0; i < count; i += 1000) {
    await Promise.all(Array.from({ length: 1000 }, (_, j) => client.set(`sess:${i + j}`, text, { EX: 3600 })));
  }
}

describe("if Redis falls silent in the middle", { timeout: 120_000 }, () => {
  const subcommands = [
    ["list"],
    ["list", "--json"],
    ["export", file("frozen.jsonl")],
    ["end", "--user", "7"],
    ["clear", "--yes", "--prefix", "sess:"],
  ];
  it.each(subcommands)("sessions %s %s says so, and returns 1", async (...args) => {
    await fill(30_000);
    const scans = () => callsOf(client, "scan");
    const before = await scans();
    const running = startCommand(["sessions", ...args, "--redis", server.url]);
    await expect.poll(scans, { interval: 5, timeout: 30_000 }).toBeGreaterThan(before + 5);
    server.process.kill("SIGSTOP");
    const { code, stderr, stdout } = await running.ended.finally(() => server.process.kill("SIGCONT"));
    expect([code, stderr]).toEqual([1, expect.stringContaining("Redis did not answer within 5 s")]);
    if (args.includes("--json")) expect(stdout.trimEnd().split("\n").at(-1)).toContain("SESSION_STORE_UNAVAILABLE");
    if (args[0] === "end" || args[0] === "clear") expect(stderr).toMatch(/^Until then: [\d,]+ sessions ended\.$/m);
    expect(existsSync(file("frozen.jsonl")), "half an export").toBe(false);
  });

  it("and cuts the connection while that is being closed, too", async () => {
    const port = await freePort();
    const silent = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (data) => {
        const text = data.toString();
        if (/PING/i.test(text))
          setTimeout(() => socket.destroy(), 5500); // the command has given up by then
        else socket.write("+OK\r\n".repeat(text.match(/\*\d+\r\n/g)?.length ?? 0));
      });
    }).listen(port);
    await once(silent, "listening");
    try {
      const { code, stderr } = await runCommand(["sessions", "count", "--redis", `redis://127.0.0.1:${port}`]);
      expect([code, stderr]).toEqual([1, expect.stringContaining("did not answer in time")]);
    } finally {
      silent.close();
    }
  });
});

describe("if nothing is found", () => {
  const others = /keys wrong:\*: no key begins so, but others are there\. Check --prefix\./;
  it.each([
    ["count"],
    ["list"],
    ["list", "--user", "7"],
    ["end", "--user", "7"],
    ["export", file("none.jsonl")],
    ["clear", "--yes"],
  ])("sessions %s %s tells a wrong prefix from a site without sessions", async (...args) => {
    await fill(1000);
    const { code, stderr } = await sessions(...args, "--prefix", "wrong:");
    expect([code, stderr]).toEqual([0, expect.stringMatching(others)]);
    expect(await client.dbSize()).toBe(1000);
    rmSync(file("none.jsonl"), { force: true });
    await client.flushAll();
    expect((await sessions(...args, "--prefix", "sess:")).stderr).toMatch(
      /there are no keys at all\. Check the address/,
    );
    rmSync(file("none.jsonl"), { force: true });
  });

  it.each([["list"], ["end"]])("sessions %s --user says that the id may be kept elsewhere", async (name) => {
    await fill(1000);
    const { stderr, stdout } = await sessions(name, "--user", "nobody");
    expect([stdout, stderr]).toEqual(["", expect.stringContaining("use --user-key")]);
  });

  it("and nothing more is said where nothing was to be found", async () => {
    await fill(1000);
    expect((await sessions("list", "--larger-than", "1mb")).stderr).toBe("0 sessions.\n");
  });

  it.each(["", ".", "a..b"])("refuses %j as --user-key, with which no session would have a user", async (path) => {
    const { code, stderr } = await sessions("end", "--user", "7", "--user-key", path);
    expect([code, stderr]).toEqual([2, expect.stringContaining("must be a path in the session")]);
  });
});

describe("if the Redis user lacks a right", () => {
  it.each([
    ["+ping +scan +evalsha +eval +type", ["list"], /it may not use one of the keys\. ACL SETUSER NAME ~PREFIX\*/],
    ["~sess:* +ping", ["count"], /it may not run SCAN\. ACL SETUSER NAME \+scan/],
    ["~sess:* +ping +scan +eval +evalsha", ["list"], /a script may not run one of its commands/],
    ["~sess:* +ping +scan +eval +evalsha", ["logins", "7"], /it may not run HGETALL\. ACL SETUSER NAME \+hgetall/],
  ])("with %s, sessions %s says which, and how to grant it", async (rights, args, words) => {
    await fill(1000);
    await client.sendCommand(["ACL", "SETUSER", "poor", "reset", "on", ">secret", "-@all", ...rights.split(" ")]);
    const url = server.url.replace("//", "//poor:secret@");
    const { code, stderr } = await runCommand(["sessions", ...args, "--redis", url]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(words)]);
    expect(stderr).toContain("docs/production.md");
  });
});

describe("if a file or the output cannot be written", () => {
  it.each([
    ["export", join(folder, "none/x.jsonl"), "it cannot be created: no such file or directory."],
    ["import", join(folder, "none.jsonl"), "it cannot be read: no such file or directory."],
    ["import", folder, "it cannot be read: illegal operation on a directory."],
  ])("sessions %s says why", async (name, path, words) => {
    const { code, stderr } = await sessions(name, path);
    expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
  });

  const isThere = existsSync("/dev/full") && statSync("/dev/full").isCharacterDevice();
  it.skipIf(!isThere).each([
    ["sessions", "export", "-"],
    ["sessions", "list", "--json"],
    ["doctor", "--json"],
    ["top", "--once"],
  ])("a full disk is not taken for a reader who has left: %s %s %s", async (...args) => {
    await fill(1000);
    const line = `${commandLine([...args, "--redis", server.url])} > /dev/full`;
    const shell = spawn("sh", ["-c", line], { env: ownEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
    let stderr = "";
    shell.stderr.on("data", (text) => (stderr += String(text)));
    const [code] = (await once(shell, "close")) as [number];
    expect([code, stderr]).toEqual([1, expect.stringContaining("no space left on device")]);
  });
});

it("if the terminal is lost, an export that is not complete is removed", async () => {
  await fill(30_000);
  const path = file("lost.jsonl");
  const { child, ended } = startCommand(["sessions", "export", path, "--redis", server.url]);
  await expect.poll(() => existsSync(path) && statSync(path).size > 0, { interval: 5, timeout: 30_000 }).toBe(true);
  child.kill("SIGHUP");
  expect([(await ended).code, existsSync(path)]).toEqual([129, false]);
}, 60_000);
