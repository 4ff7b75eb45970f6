/** Several processes, on one server and on a cluster: all that live are seen, and one that dies is forgotten. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { redisSession } from "holdfast";
import { pulse, readPulses } from "holdfast/ops";
import type { RedisClientType } from "redis";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { secret } from "../../promises/candidates.js";
import { redisServerPath } from "../../support/programs.js";
import { startCluster } from "../../support/servers/redis-cluster.js";
import { useRedis } from "../../support/servers/use-redis.js";

const redis = useRedis();
let client: RedisClientType;
beforeAll(async () => {
  client = await redis.client();
});

const program = fileURLToPath(new URL("../../support/pulsing.mjs", import.meta.url));

async function startProcess(found: number, version = ""): Promise<{ child: ChildProcess; id: string }> {
  const child = fork(program, [redis.url, String(found), version]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const [id] = (await once(child, "message")) as [string];
  return { child, id };
}

const idsOf = async () => (await readPulses(client)).processes.map(({ id }) => id);

it("all are seen, with their sum; a killed one disappears within three intervals, and the index forgets it", async () => {
  const all = await Promise.all([startProcess(1, "1.0"), startProcess(20, "1.1"), startProcess(300, "1.1")]);
  await expect
    .poll(async () => (await readPulses(client)).sum, { timeout: 5000 })
    .toMatchObject({ processes: 3, withoutRedis: 0, total: { found: 321, requests: 321 } });
  const { processes, sum } = await readPulses(client);
  expect(processes.map(({ id }) => id).sort()).toEqual(all.map(({ id }) => id).sort());
  expect(processes.map(({ pid }) => pid).sort()).toEqual(all.map(({ child }) => child.pid).sort());
  expect(processes.map(({ version }) => version).sort()).toEqual(["1.0", "1.1", "1.1"]);
  expect(sum.memory.rss).toBe(processes.reduce((total, { memory }) => total + memory.rss, 0));
  const [dead, ...alive] = all;
  dead!.child.kill("SIGKILL");
  const killed = performance.now();
  await expect.poll(idsOf, { timeout: 10_000, interval: 50 }).not.toContain(dead!.id);
  expect(performance.now() - killed).toBeLessThan(4000);
  expect((await idsOf()).sort()).toEqual(alive.map(({ id }) => id).sort());
  await expect.poll(() => client.zRange("{holdfast:pulse}", 0, -1), { timeout: 5000 }).not.toContain(dead!.id);
});

it("the pulse does not keep a process alive", async () => {
  const { child } = await startProcess(0);
  child.send("end");
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(0);
});

describe.skipIf(!redisServerPath)("on a cluster", () => {
  it("processes are seen in the same way", async () => {
    const cluster = await startCluster();
    onTestFinished(() => cluster.stop());
    const sessions = redisSession({ cluster: { nodes: cluster.nodes }, secret });
    onTestFinished(() => sessions.close());
    await sessions.ready();
    const running = [pulse(sessions, { name: "shop" }), pulse(sessions, { name: "admin" })];
    const namesOf = async () => (await readPulses(sessions)).processes.map(({ name }) => name).sort();
    await expect.poll(namesOf, { timeout: 5000 }).toEqual(["admin", "shop"]);
    await running[0]!.stop();
    expect(await namesOf()).toEqual(["admin"]);
    await running[1]!.stop();
  });
});
