/** A site whose sessions are in SQLite, a Redis, and the command as a program: what the tests of `holdfast migrate` share. */
import { afterEach, beforeAll, beforeEach } from "vitest";
import type { RedisClientType } from "redis";
import { useRedis } from "../support/servers/use-redis.js";
import { buildCommand, runCommand, type Ended } from "./command.js";
import { openSite, type MovingSite } from "./moving-site.js";

export const server = useRedis();
export let client: RedisClientType;
export let site: MovingSite;
export let places: string[];

beforeAll(async () => {
  await buildCommand();
  client = await server.client();
}, 120_000);
beforeEach(async () => {
  await client.flushAll();
  site = await openSite(server);
  places = ["--redis", server.url, "--from", site.from];
});
afterEach(() => site.close());

export const migrate = (...args: string[]) => runCommand(["migrate", ...args, ...places]);

/** Steps that must succeed. */
export async function go(...steps: string[]): Promise<Ended> {
  let ended: Ended | undefined;
  for (const step of steps) {
    ended = await migrate(...step.split(" "));
    if (ended.code !== 0) throw new Error(`${step}: ${ended.stdout}${ended.stderr}`);
  }
  return ended!;
}

/** The first command that it says comes next. */
export const nextOf = ({ stdout }: Ended) => /^ {2}(npx holdfast .+)$/m.exec(stdout)?.[1];
export const stepOf = (line: string | undefined) => /migrate ([\w -]+?)( --redis.*)?$/.exec(line ?? "")?.[1];

/** Everything in Redis but what the app's process says of itself twice a second. */
export async function everything(): Promise<Record<string, string>> {
  const keys = (await client.keys("*")).filter((key) => !key.endsWith(":processes")).sort();
  const dumps = await Promise.all(
    keys.map(async (key) => [
      key,
      String(await client.sendCommand(["DUMP", key])),
      String(await client.expireTime(key)),
    ]),
  );
  return Object.fromEntries(dumps.map(([key, ...rest]) => [key!, rest.join(" ")]));
}

export const rows = () => site.file.prepare("SELECT * FROM sessions ORDER BY sid").all();
