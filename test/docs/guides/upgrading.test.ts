/** docs/guides/upgrading.md: going back leaves what an older version reads and logs nobody out; what it counts, it counts. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RedisStore } from "connect-redis";
import type { RedisClientType } from "redis";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { redisSession, RedisSessionStore, type RedisSessionStoreOptions } from "holdfast";
import { storeOptionNames } from "../../../lib/express-session/index.js";
import { paste } from "../../cli/command.js";
import { findProgram } from "../../support/programs.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { startSite, Visitor } from "../../support/web-site.js";
import { blocksOf, blockWith, namesIn, rowsOf } from "../support/pages.js";
import { pasted } from "../support/command-in-process.js";

const page = "docs/guides/upgrading.md";
const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});

const contents = { user: "ada", note: "some text that is long enough to be compressed, ".repeat(20) };
async function stored(options: Partial<RedisSessionStoreOptions>, ...ids: string[]): Promise<void> {
  const store = new RedisSessionStore({ client, ...options } as RedisSessionStoreOptions);
  for (const id of ids) await store.set(id, { cookie: { originalMaxAge: null }, ...contents } as never);
}

it("with the app stopped: exported, cleared and imported, nothing is compressed or encrypted, and each keeps its lifetime and layout", async () => {
  await client.flushDb();
  await stored({ compress: true }, "a", "b");
  await stored({ layout: "hash", compress: true }, "c");
  const key = randomBytes(32).toString("base64");
  await stored({ encrypt: key }, "d");
  await client.expire("sess:a", 1000);
  const folder = mkdtempSync(join(tmpdir(), "holdfast-upgrading-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const lines = blockWith(page, "sessions export").text.trim().split("\n");
  expect(lines).toHaveLength(3);
  for (const [number, line] of lines.entries()) {
    const here = line.trim().replace("sessions.jsonl", join(folder, "sessions.jsonl"));
    const keys: Record<string, string> = number < 2 ? { SESSION_ENCRYPTION_KEY: key } : {};
    expect(await pasted(here, { REDIS_URL: redis.url, ...keys })).toMatchObject({ code: 0 });
  }
  const theirs = new RedisStore({ client });
  for (const id of ["a", "b", "d"]) expect(await theirs.get(id)).toMatchObject(contents);
  expect(await client.hGet("sess:c", "note")).toBe(JSON.stringify(contents.note));
  expect(await client.ttl("sess:a")).toBeGreaterThan(900);
  expect(await client.ttl("sess:a")).toBeLessThanOrEqual(1000);
});

describe.skipIf(!findProgram("redis-cli"))("the lines that count", () => {
  const [hashes, compressed] = blockWith(page, "--scan").text.trim().split("\n");
  const counted = async (line: string) => {
    const here = line.replaceAll("redis-cli", `redis-cli -p ${redis.port}`);
    return (await paste(here)).stdout.trim().replaceAll(/ +/g, " ");
  };

  it("strings and hashes, and compressed strings", async () => {
    await client.flushDb();
    await stored({}, "a", "b");
    await stored({ compress: true }, "c");
    expect(await counted(compressed!)).toBe("1");
    await stored({ layout: "hash" }, "d");
    expect((await counted(hashes!)).split("\n").map((line) => line.trim())).toEqual(["1 hash", "3 string"]);
  });
});

it("a session is converted when it is saved, in either direction, and old and new processes read both", async () => {
  await client.flushDb();
  const [json, hash] = (["json", "hash"] as const).map((layout) => new RedisSessionStore({ client, layout }));
  await stored({}, "a");
  for (const [store, type] of [
    [hash, "hash"],
    [json, "string"],
  ] as const) {
    const session = (await store!.get("a")) as unknown as { n?: number };
    session.n = (session.n ?? 0) + 1;
    await store!.set("a", session as never);
    expect(await client.type("sess:a")).toBe(type);
  }
  expect(await json!.get("a")).toMatchObject({ ...contents, n: 2 });
});

it("the table of options names every option of the store that changes what is stored, or says that it does not", () => {
  const named = rowsOf(page, "option").flatMap(([cell]) => namesIn(cell).map((name) => name.split(":")[0]!));
  const elsewhere = ["client", "scanCount", "serializer", "disableTTL", "disableTouch", "commandTimeout"];
  expect(storeOptionNames.filter((name) => !named.includes(name) && !elsewhere.includes(name))).toEqual([]);
});

it("its commands are those of the command and of npm", () => {
  const lines = blocksOf(page, "sh").flatMap(({ text }) => text.trim().split("\n"));
  expect(lines.filter((line) => !/^\s*(npx holdfast|npm install|redis-cli) /.test(line))).toEqual([]);
});

it("a secret that is rotated as the page says logs nobody out, whichever process answers; one deployment less would", async () => {
  const text = readFileSync(new URL(`../../../${page}`, import.meta.url), "utf8");
  const [rotation] = /## Rotate the secret\n[^]*?(?=\n## )/.exec(text)!;
  const secrets = { old: "the old secret, which is long enough", new: "the new secret, which is long enough" };
  type Name = keyof typeof secrets;
  const written = Array.from(rotation.matchAll(/^\d\. `secret: ([^`]+)`/gm), ([, names]) => names!.match(/old|new/g));
  const steps: Name[][] = [["old"], ...(written as Name[][])];
  expect(steps).toEqual([["old"], ["old", "new"], ["new", "old"], ["new"]]);

  const start = async (names: Name[]) => {
    const sessions = redisSession({ client, secret: names.map((name) => secrets[name]) });
    const site = await startSite(sessions, async (req, res) => {
      req.session.visits = (req.session.visits ?? 0) + 1;
      res.end(String(req.session.visits));
    });
    onTestFinished(async () => (await sessions.close(), site.close()));
    return site;
  };
  /** A visitor who comes to a new process, and then to an old one and a new one again. */
  const visits = async (before: Name[], after: Name[]) => {
    const [older, newer] = [await start(before), await start(after)];
    const { cookie } = await new Visitor(newer).get("/");
    for (const site of [older, newer, older]) await new Visitor(site, cookie).get("/");
    return Number((await new Visitor(older, cookie).get("/")).body);
  };
  // In the last step, every cookie is signed by the new one already, and old processes accept it.
  for (const [step, after] of steps.slice(1).entries()) expect(await visits(steps[step]!, after)).toBe(5);
  expect(await visits(["old"], ["new", "old"])).toBe(1);
});
