/** The command over TLS: with an authority, a certificate and a name of one's own, and what is said of a wrong one. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canStartTls, startTlsRedis, type TestTlsRedis } from "../support/servers/redis-tls.js";
import { buildCommand, paste, runCommand } from "./command.js";

describe.skipIf(!canStartTls)("--tls-*", { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-command-tls-"));
  const file = (name: string) => join(folder, name);
  let tls: TestTlsRedis;
  let redis: string[];
  beforeAll(async () => {
    await buildCommand();
    tls = await startTlsRedis({ clientCertificates: true });
    for (const [name, text] of [
      ["ca", tls.ca],
      ["cert", tls.clientCert],
      ["key", tls.clientKey],
      ["rubbish", "this is no certificate"],
    ] as const)
      writeFileSync(file(name), text);
    redis = ["--redis", `rediss://127.0.0.1:${tls.port}`];
  }, 120_000);
  afterAll(async () => {
    await tls.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const ca = ["--tls-ca", file("ca")];
  const pair = ["--tls-cert", file("cert"), "--tls-key", file("key")];
  const name = ["--tls-servername", "redis.internal"];
  const status = (...args: string[]) => runCommand(["migrate", "status", ...redis, ...args]);

  it("connect to Redis, and are repeated in suggested commands", async () => {
    const { code, stdout, stderr } = await status(...ca, ...pair, ...name);
    expect([code, stderr]).toEqual([0, ""]);
    const next = /^ {2}(npx holdfast migrate start .+)$/m.exec(stdout)![1]!;
    expect(next).toContain([...ca, ...pair, ...name].join(" "));
    const again = await paste(next.replace("migrate start", "migrate status").replace(/ --from .+/, ""));
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining("not begun")]);
  });

  it("can come from the environment", async () => {
    const env = { REDIS_TLS_CA: file("ca"), REDIS_TLS_CERT: file("cert"), REDIS_TLS_KEY: file("key") };
    const args = ["migrate", "status", ...redis];
    expect((await runCommand(args, { ...env, REDIS_TLS_SERVERNAME: "redis.internal" })).code).toBe(0);
  });

  it.each([
    ["another CA", () => [...pair, ...name]],
    ["another name", () => [...ca, ...pair]],
    ["no client certificate, although one is required", () => [...ca, ...name]],
  ])("%s: one sentence that names the options", async (_, args) => {
    const { code, stderr } = await status(...args());
    expect([code, stderr.trim().split("\n").length]).toEqual([1, 1]);
    expect(stderr).toMatch(/cannot be reached: .+\(--tls-ca, --tls-cert, --tls-key, --tls-servername/);
  });

  it.each([
    ["--tls-ca names a file that is not a PEM certificate", () => ["--tls-ca", file("rubbish")]],
    [
      "--tls-cert names a file that is not a PEM certificate",
      () => ["--tls-cert", file("rubbish"), "--tls-key", file("key")],
    ],
    ["--tls-key does not match --tls-cert", () => ["--tls-cert", file("ca"), "--tls-key", file("key")]],
    ["--tls-key does not match --tls-cert", () => ["--tls-cert", file("cert"), "--tls-key", file("rubbish")]],
    ["--tls-cert and --tls-key must be used together", () => ["--tls-cert", file("cert")]],
    ["there is no such file", () => ["--tls-ca", file("nowhere")]],
    ["for one server, use rediss:// in --redis", () => ["--tls"]],
    ["go with an address that begins with rediss://", () => [...ca, "--redis", `redis://127.0.0.1:${tls.port}`]],
  ])("incorrect usage: %s", async (sentence, args) => {
    const { code, stdout, stderr } = await status(...args());
    expect([code, stdout, stderr.trim().split("\n").length]).toEqual([2, "", 1]);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/hint|BEGIN/);
  });
});
