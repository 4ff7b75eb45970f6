/** Connections by every form of an address: to IPv6, to a socket file, with passwords of odd characters. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectToRedis } from "holdfast";
import { freePort } from "../support/servers/free-port.js";
import { redisServerPath } from "../support/programs.js";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";

const hasIpv6 = await new Promise<boolean>((resolve) => {
  const server = createServer().once("error", () => resolve(false));
  server.listen(0, "::1", () => server.close(() => resolve(true)));
});

describe.skipIf(!redisServerPath)("a connection", () => {
  let redis: TestRedis;
  const folder = mkdtempSync(join(tmpdir(), "holdfast-socket-"));
  const file = join(folder, "redis.sock");
  const passwords = ["p@ss/w:rd", "100%", "#?&=+", "ä 💡", "[x]"];
  beforeAll(async () => {
    const addresses = hasIpv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"];
    redis = await startRedis({ kind: "redis", args: ["--bind", ...addresses, "--unixsocket", file] });
    const admin = await redis.client();
    for (const [index, password] of passwords.entries()) {
      await admin.sendCommand(["ACL", "SETUSER", `user${index}`, "on", `>${password}`, "~*", "&*", "+@all"]);
    }
  });
  afterAll(async () => {
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const connects = async (url: string | undefined, env: Record<string, string> = {}) => {
    const before = { ...process.env };
    Object.assign(
      process.env,
      { REDIS_URL: "", REDIS_HOST: "", REDIS_PORT: "", REDIS_PASSWORD: "", REDIS_DB: "" },
      env,
    );
    const connection = connectToRedis({ url });
    process.env = before;
    try {
      await connection.ready();
      return connection.address;
    } finally {
      await connection.close();
    }
  };

  test.skipIf(!hasIpv6)("to an IPv6 address, as a URL and as REDIS_HOST", async () => {
    await connects(`redis://[::1]:${redis.port}`);
    await connects(undefined, { REDIS_HOST: "::1", REDIS_PORT: String(redis.port) });
    await connects(undefined, { REDIS_PORT: `tcp://[::1]:${redis.port}` });
  });

  test("to a socket file", async () => {
    expect(await connects(`unix://${file}?db=1`)).toBe(`unix://${file}?db=1`);
    await connects(`unix://user0:${encodeURIComponent(passwords[0]!)}@${file}`);
    await connects(undefined, { REDIS_HOST: file });
  });

  test("with passwords of odd characters; a wrong one is not shown", async () => {
    for (const [index, password] of passwords.entries()) {
      await connects(`redis://user${index}:${encodeURIComponent(password)}@127.0.0.1:${redis.port}`);
    }
    const wrong = connects(`redis://user0:${encodeURIComponent("QXZ@QXZ")}@127.0.0.1:${redis.port}`);
    const error: any = await wrong.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "HOLDFAST_REDIS_REFUSED_LOGIN", reason: "password" });
    expect(error.message).not.toContain("QXZ");
  });

  test("to where nobody listens: in words, with the address and without the login", async () => {
    const nowhere = `redis://ada:QXZ@[::1]:${await freePort()}`;
    const error: any = await connects(nowhere).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "HOLDFAST_REDIS_UNREACHABLE", reason: "down" });
    expect(error.message).toContain("redis://[::1]:");
    expect(error.message).not.toMatch(/QXZ|ada/);
  });
});
