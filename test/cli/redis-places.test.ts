/** `holdfast migrate` finds Redis behind Sentinel and on a Cluster, as well as by its url. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MoveControl } from "holdfast/migrate";
import { createCluster, createSentinel } from "redis";
import { redisServerPath } from "../support/programs.js";
import { startCluster, type TestCluster } from "../support/servers/redis-cluster.js";
import { startSentinel, type TestSentinel } from "../support/servers/redis-sentinel.js";
import { buildCommand, runCommand } from "./command.js";

describe.skipIf(!redisServerPath)("status finds the state of the app's migration", () => {
  let cluster: TestCluster;
  let sentinel: TestSentinel;
  beforeAll(async () => {
    await buildCommand();
    [cluster, sentinel] = await Promise.all([startCluster(), startSentinel()]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([cluster?.stop(), sentinel?.stop()]);
  });
  const list = (nodes: readonly { host: string; port: number }[]) =>
    nodes.map(({ host, port }) => `${host}:${port}`).join();

  it("on a Cluster", async () => {
    const client = createCluster({ rootNodes: cluster.nodes.map((socket) => ({ socket })) });
    await client.connect();
    await phaseIsTold(client, ["--cluster", list(cluster.nodes)]);
    await client.close();
  });

  it("behind Sentinel", async () => {
    const client = createSentinel({ name: sentinel.name, sentinelRootNodes: sentinel.nodes });
    await client.connect();
    await phaseIsTold(client, ["--sentinel", `${sentinel.name}@${list(sentinel.nodes)}`]);
    await client.close();
  });

  async function phaseIsTold(client: unknown, places: string[]): Promise<void> {
    const phase = async () => JSON.parse((await runCommand(["migrate", "status", "--json", ...places])).stdout).phase;
    expect(await phase()).toBe("off");
    await new MoveControl(client as never).change((await new MoveControl(client as never).read()).version, {
      phase: "moving",
      dial: 10,
    });
    expect(await phase()).toBe("moving");
  }

  it.each([
    ["--cluster", "nowhere"],
    ["--cluster", "127.0.0.1:0"],
    ["--sentinel", "127.0.0.1:26379"],
    ["--sentinel", "@127.0.0.1:26379"],
  ])("%s %s is incorrect usage; the message has an example", async (option, value) => {
    const { code, stderr } = await runCommand(["migrate", "status", option, value]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/must look like .*10\.0\.0\.1:/);
  });

  it("an empty variable counts as absent, as REDIS_URL does; an empty option does not", async () => {
    const empty = ["SENTINEL", "CLUSTER", "TLS_CA", "TLS_CERT", "TLS_KEY", "TLS_SERVERNAME"];
    const env = Object.fromEntries(empty.map((name) => [`REDIS_${name}`, ""]));
    const at = `redis://127.0.0.1:${cluster.nodes[0]!.port}`;
    expect(await runCommand(["sessions", "count"], { ...env, REDIS_URL: at })).toMatchObject({
      code: 0,
      stdout: "0\n",
    });
    for (const option of ["--redis", "--sentinel", "--cluster", "--tls-ca"])
      expect(await runCommand(["sessions", "count", option, ""], { REDIS_URL: at })).toMatchObject({
        code: 2,
        stdout: "",
      });
  });

  it("two of them are incorrect usage", async () => {
    const { code, stderr } = await runCommand([
      "migrate",
      "status",
      "--redis",
      "redis://x",
      "--cluster",
      "127.0.0.1:1",
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain("cannot be combined");
  });
});
