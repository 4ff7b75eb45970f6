/** The check `at-rest`: what sessions look like in Redis, and what is mixed while an option is being switched. */
import { randomBytes } from "node:crypto";
import type { RedisClientType } from "redis";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { RedisSessionStore, type RedisSessionStoreOptions } from "holdfast";
import { encryptionOf } from "../../../lib/express-session/encryption-keys.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { clientOf, findingOn, shopping } from "./examine.js";

const server = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await server.client();
});
beforeEach(() => client.flushAll());
afterEach(() => vi.unstubAllEnvs());

const [key, oldKey] = [randomBytes(32), randomBytes(32)];
const nameOf = (one: Buffer) => encryptionOf(one)!.keyring.names[0]!;

async function write(count: number, options: object, first = 0): Promise<void> {
  const store = new RedisSessionStore({ client, ...options } as RedisSessionStoreOptions);
  const ids = Array.from({ length: count }, (_, n) => n + first);
  await Promise.all(ids.map((n) => store.set(`id-${n}`, shopping(n, 10) as never)));
}

/** What must never be in the report. */
async function found(asker: object = client) {
  const finding = await findingOn("at-rest", asker);
  const text = JSON.stringify(finding);
  for (const one of [key, oldKey])
    for (const form of ["hex", "base64", "base64url"] as const) expect(text).not.toContain(one.toString(form));
  expect(text).not.toMatch(/id-\d|sku|~[\da-f]{8}/);
  return finding;
}

describe.each(["json", "hash"] as const)("sessions in the layout %s", (layout) => {
  it.each([
    ["nothing", {}, "3 sessions looked at: not encrypted; keys have the id"],
    ["compress", { compress: true }, "3 sessions looked at: compressed, not encrypted; keys have the id"],
    ["encrypt", { encrypt: key }, `3 sessions looked at: encrypted with the key ${nameOf(key)}; keys have the id`],
    [
      "encrypt, compress and hashIds",
      { encrypt: key, compress: 1, hashIds: true },
      `3 sessions looked at: encrypted with the key ${nameOf(key)}; keys have a hash of the id`,
    ],
  ])("with %s are all alike, which is well", async (_what, options, words) => {
    await write(3, { layout, ...options });
    expect(await found()).toEqual({ check: "at-rest", level: "ok", found: words });
  });

  it("of which some are encrypted", async () => {
    await write(3, { layout });
    await write(2, { layout, encrypt: key }, 3);
    expect(await found()).toMatchObject({
      level: "warning",
      found: "2 of 5 sessions looked at are encrypted",
      why: expect.stringContaining("onlyEncrypted"),
    });
  });

  it("that are encrypted with several keys, or with one that is missing where the doctor runs", async () => {
    await write(3, { layout, encrypt: oldKey });
    await write(2, { layout, encrypt: key }, 3);
    expect((await found()).found).toMatch(
      new RegExp(`^sessions are encrypted with 2 keys \\(\\d with [\\w-]{4}, \\d with [\\w-]{4}\\)$`),
    );
    expect((await found()).found).toContain(`3 with ${nameOf(oldKey)}`);
    vi.stubEnv("SESSION_ENCRYPTION_KEY", `${key.toString("base64")},${oldKey.toString("hex")}`);
    expect((await found()).remedy).toContain("Keep all of them");
    vi.stubEnv("SESSION_ENCRYPTION_KEY", key.toString("base64"));
    expect(await found()).toMatchObject({
      level: "warning",
      found: `3 of 5 sessions looked at are encrypted with a key that SESSION_ENCRYPTION_KEY does not have here (${nameOf(oldKey)})`,
    });
    vi.stubEnv("SESSION_ENCRYPTION_KEY", "a mistake");
    expect((await found()).found).toContain("with 2 keys");
  });

  it("of which one has its id, among many that have a hash of it", async () => {
    await write(300, { layout, hashIds: true });
    await write(1, { layout }, 300);
    expect(await found()).toMatchObject({
      level: "warning",
      found: "1 key has the id of a session, and 300 a hash of it",
      remedy: expect.stringContaining("Keep that step"),
    });
  });
});

it("a hash of which one field is encrypted", async () => {
  await write(1, { layout: "hash", encrypt: key });
  await client.hSet("sess:id-0", "isAdmin", "true");
  expect((await found()).found).toBe("0 of 1 session looked at are encrypted, and 1 in some fields only");
});

it("all mixtures are told together", async () => {
  await write(1, {});
  await write(1, { encrypt: key, hashIds: true }, 1);
  await write(1, { encrypt: oldKey, hashIds: true }, 2);
  const { found: text } = await found();
  expect(text.split("; ")).toHaveLength(3);
});

it("tombstones of a migration are no sessions, and no sessions are well", async () => {
  expect(await found()).toMatchObject({ level: "ok", found: "there are no sessions" });
  await client.set("sess:gone", "", { EX: 60 });
  expect(await found()).toMatchObject({ level: "ok", found: "there are no sessions" });
  await write(2, { hashIds: true });
  expect(await found()).toMatchObject({ level: "ok" });
});

it("a user who may not read them is told what can be seen", async () => {
  await write(2, { encrypt: key, hashIds: true });
  const rules = "on >hush ~* -@all +ping +info +config|get +acl|whoami +scan +ttl +strlen +memory|usage".split(" ");
  await client.sendCommand(["ACL", "SETUSER", "looker", "reset", ...rules]);
  const looker = await clientOf(server, { username: "looker", password: "hush" });
  expect(await found(looker)).toMatchObject({
    level: "ok",
    found: "what sessions hold was not looked at; keys have a hash of the id",
  });
});
