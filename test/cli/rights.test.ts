/** A Redis user who may not do what a step needs: a coded error in words, exit code 1, and nothing is half done. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RedisClientType } from "redis";
import { redisServerPath } from "../support/programs.js";
import { useRedis } from "../support/servers/use-redis.js";
import { buildCommand, runCommand } from "./command.js";
import { openSite, type MovingSite } from "./moving-site.js";

const page = readFileSync(fileURLToPath(new URL("../../docs/production.md", import.meta.url)), "utf8");
const sessionRights = /```acl\nuser holdfast (.*)\n```/.exec(page)![1]!.replace("PASSWORD", "hush");
const moveRights = /Add for `holdfast\/migrate`: `([^`]*)`/.exec(page)![1]!;

describe.skipIf(!redisServerPath)("a Redis user", { timeout: 240_000 }, () => {
  const server = useRedis({ kind: "redis" });
  let admin: RedisClientType;
  let site: MovingSite;
  beforeAll(async () => {
    await buildCommand();
    admin = await server.client();
    site = await openSite(server);
    site.fill(10);
  }, 120_000);
  afterAll(async () => {
    await site.close();
  });

  const may = (rights: string) => admin.sendCommand(["ACL", "SETUSER", "holdfast", "reset", ...rights.split(" ")]);
  const migrate = (step: string, ...more: string[]) => {
    const redis = `redis://holdfast:hush@127.0.0.1:${server.port}`;
    return runCommand(["migrate", ...step.split(" "), "--redis", redis, "--from", site.from, ...more]);
  };

  async function expectRefused(step: string): Promise<void> {
    const before = await site.control.read();
    const { code, stdout, stderr } = await migrate(step, "--json");
    expect({ step, code, stderr }).toEqual({ step, code: 1, stderr: expect.stringContaining("docs/production.md") });
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr + stdout).not.toMatch(/hush|\n\s+at /);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "SESSION_STORE_UNAVAILABLE" } });
    expect((await site.control.read()).version).toBe(before.version);
  }

  it("with rights for sessions only is refused at every step, before anything changes", async () => {
    await may(sessionRights);
    for (const step of ["status", "start", "backfill", "verify", "set 10", "finish", "rollback"])
      await expectRefused(step);
  });

  it("with the documented rights can run all steps; without one of them gets a message, and can continue once it is granted", async () => {
    const all = `${sessionRights} ${moveRights}`;
    for (const [step, lacking] of [
      ["start", "-hset"],
      ["backfill", "-set"],
      ["verify --repair", "-smembers"],
      ["set 100", "-hset"],
      ["verify --repair", "-scan"],
      ["finish", "-hset"],
      ["rollback", "-eval -evalsha"],
    ] as const) {
      await may(`${all} ${lacking}`);
      await expectRefused(step);
      await may(all);
      expect({ step, ...(await migrate(step)) }).toMatchObject({ step, code: 0 });
    }
    expect((await site.control.read()).phase).toBe("off");
  });

  it("without the right to list keys gets the rest of the status", async () => {
    await may(`${sessionRights} ${moveRights} -scan`);
    const { code, stdout } = await migrate("status");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Move +not begun/m);
    expect(stdout).toContain("docs/production.md");
  });
});
