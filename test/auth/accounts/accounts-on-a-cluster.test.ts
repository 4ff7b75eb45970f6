/** No command for an account touches two keys, so that accounts spread over all servers of a cluster. */
import { createCluster } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountStoreContract, RedisAccounts } from "holdfast/auth";
import { redisServerPath } from "../../support/programs.js";
import { startCluster, type TestCluster } from "../../support/servers/redis-cluster.js";

describe.skipIf(!redisServerPath)("RedisAccounts on a cluster", () => {
  let cluster: TestCluster;
  let client: ReturnType<typeof createCluster>;
  let accounts: RedisAccounts;

  beforeAll(async () => {
    cluster = await startCluster();
    client = createCluster({ rootNodes: cluster.nodes.map(({ host, port }) => ({ socket: { host, port } })) });
    client.on("error", () => {});
    await client.connect();
    accounts = new RedisAccounts({ client });
  });
  afterAll(async () => {
    client?.destroy();
    await cluster?.stop();
  });

  it.each(accountStoreContract.map(({ name, check }) => [name, check] as const))("contract: %s", (_, check) =>
    check(accounts),
  );

  it("every server has some of them", async () => {
    for (let i = 0; i < 30; i++) await accounts.create({ username: `ada${i}`, passwordHash: "h" });
    for (const slot of [0, 8000, 16_383]) {
      const owner = await cluster.ownerOf(slot);
      expect((await owner.client.keys("user:*")).length).toBeGreaterThan(0);
    }
  });
});
