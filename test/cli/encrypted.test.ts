/** `holdfast sessions` and `holdfast migrate` on encrypted sessions: the keys come from the environment. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RedisClientType } from "redis";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { RedisSessionStore } from "holdfast";
import { useRedis } from "../support/servers/use-redis.js";
import { buildCommand, runCommand } from "./command.js";
import { openSite } from "./moving-site.js";

const server = useRedis();
const folder = mkdtempSync(join(tmpdir(), "holdfast-encrypted-"));
let client: RedisClientType;
beforeAll(async () => {
  await buildCommand();
  client = await server.client();
}, 120_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await client.flushAll();
});

const [key, oldKey, strange] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const label = (id: string) => createHash("sha256").update(id).digest("hex").slice(0, 8);
const keys = { SESSION_ENCRYPTION_KEY: [key.toString("base64"), oldKey.toString("hex")].join(",") };
const wrongKeys = { SESSION_ENCRYPTION_KEY: strange.toString("base64") };

describe.each(["json", "hash"] as const)("sessions in the layout %s", (layout) => {
  const sessions = (args: string, env = {}) => runCommand(["sessions", ...args.split(" "), "--redis", server.url], env);
  const store = (encrypt: Buffer) => new RedisSessionStore({ client, layout, encrypt });
  beforeEach(async () => {
    await store(key).set("a", { cookie: { originalMaxAge: null }, passport: { user: "7" }, token: "x" } as never);
    await store(oldKey).set("b", { cookie: { originalMaxAge: null }, passport: { user: "8" } } as never);
  });

  it("are listed, found and shown with the keys", async () => {
    const { code, stdout } = await sessions("list --json", keys);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect([code, lines]).toEqual([
      0,
      expect.arrayContaining([
        expect.objectContaining({ session: label("a"), user: "7", isReadable: true }),
        expect.objectContaining({ session: label("b"), user: "8", isReadable: true }),
      ]),
    ]);
    expect((await sessions("list --user 8", keys)).stdout).toMatch(new RegExp(`^${label("b")}\t8\t.*\n$`));
    const shown = await sessions(`show ${label("a")}`, keys);
    expect(shown.stdout).toContain('"user": "7"');
    expect(shown.stdout).toContain('"token": "***"');
  });

  it.each([{}, wrongKeys])("are there without them, and stay (%#)", async (env) => {
    const { code, stdout, stderr } = await sessions("list", env);
    expect([code, stdout.trim().split("\n")]).toEqual([0, expect.objectContaining({ length: 2 })]);
    expect(stderr).toContain("encrypted ones need SESSION_ENCRYPTION_KEY");
    expect((await sessions("count", env)).stdout).toBe("2\n");
    expect((await sessions("clear --yes --prefix sess:", env)).stderr).toContain("Ended 0 sessions.");
    expect(await client.dbSize()).toBe(2);
  });

  it.each([{}, wrongKeys])("of a user are not taken for all there are without the keys (%#)", async (env) => {
    const listed = await sessions("list --user 7", env);
    expect(listed).toMatchObject({ code: 0, stdout: "" });
    expect(listed.stderr).toMatch(
      /^0 sessions\.\n2 more cannot be read, so it is not known whose .*SESSION_ENCRYPTION_KEY/,
    );
    const ended = await sessions("end --user 7 --json", env);
    expect([ended.code, ended.stdout]).toEqual([1, '{"ended":0,"logins":false,"unreadable":2}\n']);
    expect(ended.stderr).toMatch(/^Ended 0 sessions\.\n2 more cannot be read/);
    const exported = await sessions("export -", env);
    expect(exported.stdout.trim().split("\n")).toHaveLength(2); // what it is, and how many: none
    expect(exported.stderr).toMatch(/^Exported 0 sessions\..*\n2 values are not in it: .*SESSION_ENCRYPTION_KEY/);
    expect(await client.dbSize()).toBe(2);
    expect(await sessions("end --user 7", keys)).toMatchObject({ code: 0, stderr: "Ended 1 session.\n" });
  });

  it("of a user are not waited for where holdfast/auth has ended the logins", async () => {
    await client.hSet("devices:7", "epoch", "e");
    expect(await sessions("end --user 7")).toMatchObject({ code: 0, stderr: expect.stringContaining("2 more cannot") });
  });

  it("are exported as JSON, and encrypted again when they are imported", async () => {
    const file = join(folder, `${layout}.jsonl`);
    expect((await sessions(`export ${file}`, keys)).stderr).toContain("Exported 2 sessions");
    expect(readFileSync(file, "utf8")).not.toContain("~");
    await client.flushAll();
    expect((await sessions(`import ${file}`, keys)).stderr).toContain("Imported 2 sessions");
    const reader = store(key);
    expect(await reader.get("a")).toMatchObject({ passport: { user: "7" } });
    expect(await reader.get("b")).toMatchObject({ passport: { user: "8" } });
    const strict = new RedisSessionStore({ client, layout, encrypt: { keys: key, onlyEncrypted: true } });
    expect(await strict.all()).toHaveLength(2);
  });

  it("what cannot be a key is refused without being repeated", async () => {
    const { code, stdout, stderr } = await sessions("list", { SESSION_ENCRYPTION_KEY: "hunter2hunter2" });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^The key in SESSION_ENCRYPTION_KEY is a text of length 14/);
    expect(stderr).not.toContain("hunter2");
  });
});

describe("a migration to a store that encrypts", () => {
  async function open(options: object) {
    const site = await openSite(server, options);
    onTestFinished(() => site.close());
    const places = ["--redis", server.url, "--from", site.from];
    const migrate = (step: string, env = {}) => runCommand(["migrate", ...step.split(" "), ...places], env);
    return { site, migrate };
  }
  const isEncrypted = async () =>
    (await Promise.all((await client.keys("sess:*")).map((one) => client.get(one)))).every((text) =>
      /^~[23]/.test(text!),
    );

  it("copies, compares, finishes and rolls back with the keys, and plain texts are never in Redis", async () => {
    const { site, migrate } = await open({ encrypt: [key, oldKey] });
    site.fill(30);
    for (const step of ["start", "backfill", "verify", "set 50", "set 100", "verify", "finish"]) {
      const ended = await migrate(step, keys);
      expect({ step, ...ended }).toMatchObject({ step, code: 0, stderr: "" });
    }
    expect(await site.redis.length()).toBe(30);
    expect(await isEncrypted()).toBe(true);
    expect(await site.redis.get("visitor-000007")).toMatchObject({ n: 7 });
    expect(await migrate("rollback", keys)).toMatchObject({ code: 0 });
    expect(site.file.prepare("SELECT sid FROM sessions").all()).toHaveLength(30);
  });

  it("is refused without the app's keys, or with others", async () => {
    const { site, migrate } = await open({ encrypt: key });
    site.fill(3);
    expect(await migrate("start", { SESSION_ENCRYPTION_KEY: key.toString("hex") })).toMatchObject({ code: 0 });
    for (const [env, words] of [
      [{}, /^The app encrypts its sessions, and its keys are needed.* SESSION_ENCRYPTION_KEY/],
      [wrongKeys, /^The app has other keys than SESSION_ENCRYPTION_KEY\./],
      [{ SESSION_ENCRYPTION_KEY: `${strange.toString("hex")},${key.toString("hex")}` }, /^The app has other keys/],
    ] as const) {
      for (const step of ["backfill", "verify", "verify --repair"]) {
        const { code, stderr } = await migrate(step, env);
        expect([step, code, stderr]).toEqual([step, 1, expect.stringMatching(words)]);
      }
    }
    expect(await client.keys("sess:*")).toEqual([]);
  });

  it.each([{}, { encrypt: { keys: key, write: false } }])(
    "writes no encrypted ones unless the app does (%#)",
    async (options) => {
      const { site, migrate } = await open(options);
      site.fill(3);
      const env = { SESSION_ENCRYPTION_KEY: key.toString("hex") };
      for (const step of ["start", "backfill", "verify"]) expect(await migrate(step, env)).toMatchObject({ code: 0 });
      expect(await client.get("sess:visitor-000001")).toMatch(/^\{/);
    },
  );
});
