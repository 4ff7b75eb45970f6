/** `holdfast doctor` as it is typed: what it prints, its exit codes, and every way to name a Redis. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RedisClientType } from "redis";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Finding } from "holdfast/ops";
import { redisServerPath } from "../support/programs.js";
import { startCluster } from "../support/servers/redis-cluster.js";
import { startSentinel } from "../support/servers/redis-sentinel.js";
import { canStartTls, startTlsRedis } from "../support/servers/redis-tls.js";
import { useRedis } from "../support/servers/use-redis.js";
import { buildCommand, paste, runCommand } from "./command.js";
import { openSite } from "./moving-site.js";

describe.skipIf(!redisServerPath)("holdfast doctor", { timeout: 120_000 }, () => {
  const server = useRedis({ kind: "redis" });
  let admin: RedisClientType;
  beforeAll(async () => {
    await buildCommand();
    admin = await server.client();
  }, 120_000);

  const list = (nodes: readonly { host: string; port: number }[]) =>
    nodes.map(({ host, port }) => `${host}:${port}`).join();

  async function examined(args: string[], env: Record<string, string> = {}) {
    const { code, stdout, stderr } = await runCommand(["doctor", "--json", ...args], env);
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
    return { code, ok, stderr, findings, of: (check: string) => findings.find((finding) => finding.check === check) };
  }

  it("prints one line for each check, and under it why it matters and what mends it", async () => {
    const { code, stdout, stderr } = await runCommand(["doctor", "--redis", server.url]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.trim().split("\n");
    expect(lines[0]).toBe(`Redis at ${server.url}, keys sess:*`);
    expect(lines).toContain(`ok       reachable      127.0.0.1:${server.port}`);
    const at = lines.findIndex((line) => line.startsWith("warning  maxmemory      there is no limit"));
    expect(lines[at + 1]).toMatch(/^ {24}If a flood/);
    expect(lines[at + 2]).toMatch(/^ {24}→ Set a limit: half of this machine/);
    expect(lines[at + 3]).toMatch(/^ {26}CONFIG SET maxmemory \d+mb$/);
    expect(lines.at(-2)).toMatch(/^\d+ warnings, \d+ ok\. What each check means: docs\/doctor\.md$/);
    expect(lines.at(-1)).toMatch(/^Commands in capitals are for redis-cli/);
    expect(stdout).not.toContain("\u001B");
  });

  it("ends with code 1 if something is bad, and with --json prints one object", async () => {
    await admin.configSet("maxmemory-policy", "allkeys-lru");
    await admin.hSet("shop:user:1", "username", "ada");
    onTestFinished(async () => {
      await admin.configSet("maxmemory-policy", "noeviction");
      await admin.flushAll();
    });
    const { code, ok, of } = await examined(["--auth-prefix", "shop:"], { REDIS_URL: server.url });
    expect({ code, ok }).toEqual({ code: 1, ok: false });
    expect(of("eviction")).toMatchObject({ level: "bad", why: expect.any(String), remedy: expect.any(String) });
    expect((await runCommand(["doctor", "--redis", server.url])).code).toBe(0); // without the prefix, these are other keys
  });

  it("says why Redis cannot be reached, without a stack or a password", async () => {
    const { code, findings, stderr } = await examined(["--redis", "redis://shop:hush@127.0.0.1:1"]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(findings).toEqual([
      {
        check: "reachable",
        level: "bad",
        found: "Redis at redis://127.0.0.1:1 cannot be reached: nothing listens there",
        why: expect.any(String),
        remedy: expect.stringMatching(/^Check that Redis runs/),
      },
    ]);
    const wrong = await examined(["--redis", `redis://shop:hush@127.0.0.1:${server.port}`]);
    expect(wrong.findings).toMatchObject(
      [{ check: "reachable", level: "bad", found: /refused the password/ }].map(matching),
    );
    expect(JSON.stringify(wrong)).not.toContain("hush");
  });

  it("prints the command that mends a migration in doubt, with the places that this one was given", async () => {
    const site = await openSite(server);
    onTestFinished(async () => {
      await site.close();
      await admin.flushAll();
    });
    const env = { HOLDFAST_FROM: site.from };
    site.fill(3);
    await runCommand(["migrate", "start", "--redis", server.url], env);
    const { now } = await site.control.read();
    const report = JSON.stringify({ host: "web-1", pid: 77, version: 1, pending: 3, overflowed: false });
    await admin.hSet("{holdfast:move}:processes", "gone", `${now - 20_000} ${report}`);
    const { of } = await examined(["--redis", server.url], env);
    expect(of("migration")).toMatchObject({ level: "warning", found: expect.stringContaining("stopped reporting") });
    const [command = ""] = of("migration")!.commands!;
    expect(command).toBe(`npx holdfast migrate verify --repair --redis ${server.url}`);
    expect(await paste(command, env)).toMatchObject({ code: 0 });
    expect((await examined(["--redis", server.url], env)).of("migration")).toMatchObject({ level: "ok" });
  });

  it.each([
    [["--redsi", "x"], /did you mean --redis/],
    [["--redis", "http://x"], /does not begin with redis:/],
    [["--cluster", "nowhere"], /must look like/],
    [["--uses", "everything"], /must be a list of: sessions, hash/],
    [["--redis", "redis://a", "--cluster", "a:1"], /cannot be combined/],
  ])("%j is wrong usage", async (args, message) => {
    const { code, stdout, stderr } = await runCommand(["doctor", ...args]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    expect(stdout + stderr).not.toMatch(/\n\s+at /);
  });

  it("checks the rights of the app's user for an administrator", async () => {
    await admin.sendCommand(["ACL", "SETUSER", "shop", "on", ">hush", "-@all", "~shop:*", "+get"]);
    const args = ["--redis", server.url, "--acl-user", "shop", "--prefix", "shop:", "--uses", "near-cache,durability"];
    const { of } = await examined(args);
    expect(of("acl-needed")).toMatchObject({
      level: "bad",
      commands: [expect.stringMatching(/^ACL SETUSER shop \+set.*\+wait/)],
    });
    expect(of("acl-excess")).toMatchObject({ level: "ok" });
  });

  it("works on a Cluster, and behind Sentinel, whose sentinels it asks too", async () => {
    const [cluster, sentinel] = await Promise.all([startCluster(), startSentinel()]);
    onTestFinished(async () => void (await Promise.all([cluster.stop(), sentinel.stop()])));
    const onCluster = await examined(["--cluster", list(cluster.nodes)]);
    expect(onCluster.of("cluster")).toMatchObject({ level: "ok", found: expect.stringContaining("3 primaries") });
    expect(onCluster.code).toBe(0);
    const behind = await examined([], { REDIS_SENTINEL: `${sentinel.name}@${list(sentinel.nodes)}` });
    expect(behind.of("sentinel")).toMatchObject({ level: "ok", found: expect.stringContaining("3 sentinels") });
    expect(behind.code).toBe(0);
  });

  it.skipIf(!canStartTls)("works over TLS, as a user of its own", async () => {
    const acl = ["user default off", "user doctor on >hush ~* &* +@all"];
    const secured = await startTlsRedis({ name: "localhost", acl });
    const folder = mkdtempSync(join(tmpdir(), "holdfast-doctor-"));
    onTestFinished(async () => {
      rmSync(folder, { recursive: true });
      await secured.stop();
    });
    const ca = join(folder, "ca.pem");
    writeFileSync(ca, secured.ca);
    const { code, of } = await examined(["--tls-ca", ca], {
      REDIS_URL: `rediss://doctor:hush@localhost:${secured.port}`,
    });
    expect(of("tls")).toMatchObject({ level: "ok", found: "the connection uses TLS" });
    expect(of("password")).toMatchObject({ level: "ok" });
    expect(of("acl-excess")).toMatchObject({ level: "warning", found: expect.stringContaining("the user doctor") });
    expect(code).toBe(0);
  });
});

function matching(finding: { found: RegExp }) {
  return { ...finding, found: expect.stringMatching(finding.found) };
}
