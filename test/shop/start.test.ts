/** Starting and stopping the shop: one sentence when it cannot, nothing left behind when it ends. */
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { freePort } from "../support/servers/free-port.js";
import { redisServerPath } from "../support/programs.js";
import { startRedis, type TestRedis } from "../support/servers/redis-server.js";
import { Customer } from "../support/shop.js";
import { launchShop, runShop, startShopProgram } from "../support/shop-program.js";

describe("the shop does not start, and says why in one sentence with the remedy, when", () => {
  let port: string;
  beforeAll(async () => {
    port = String(await freePort());
  });

  it("the port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const taken = (other.address() as AddressInfo).port;
    const result = await runShop({ PORT: String(taken) });
    other.close();
    expectOneSentence(
      result,
      `Port ${taken} is in use by another program. Stop that program, or choose another port: PORT=3001 npm start.`,
    );
  });

  it.each(["abc", "0", "70000"])("PORT is %s", async (PORT) => {
    expectOneSentence(
      await runShop({ PORT }),
      `PORT is "${PORT}", but must be a port from 1 to 65535, such as PORT=3000.`,
    );
  });

  it.each(["http://127.0.0.1:6379", "127.0.0.1", "redis://127.0.0.1:6379/sessions"])(
    "REDIS_URL is %s",
    async (REDIS_URL) => {
      expectOneSentence(await runShop({ PORT: port, REDIS_URL }), "Write it as redis://");
    },
  );

  it("nothing listens where Redis should be", async () => {
    const nothing = await freePort();
    expectOneSentence(await runShop({ PORT: port, REDIS_URL: `redis://127.0.0.1:${nothing}` }), "cannot be reached");
    expectOneSentence(await runShop({ PORT: port, REDIS_PORT: String(nothing) }), "cannot be reached");
  });

  it.skipIf(!redisServerPath)("the password is wrong or missing, which is not repeated", async () => {
    const redis = await startRedis({ kind: "redis", args: ["--requirepass", "the right one"] });
    try {
      const wrong = await runShop({ PORT: port, REDIS_URL: `redis://:the-wrong-one@127.0.0.1:${redis.port}` });
      expectOneSentence(wrong, "refused the password");
      expect(wrong.output).not.toContain("the-wrong-one");
      expectOneSentence(await runShop({ PORT: port, REDIS_PORT: String(redis.port) }), "asks for a password");
    } finally {
      await redis.stop();
    }
  });

  it("production has no secret", async () => {
    expectOneSentence(await runShop({ PORT: port, NODE_ENV: "production" }), "SESSION_SECRET is missing");
  });

  it("this machine has no such address", async () => {
    expectOneSentence(await runShop({ PORT: port, HOST: "192.0.2.1" }), "Set HOST to an address of this machine");
  });

  function expectOneSentence({ code, output }: { code: number | null; output: string }, part: string): void {
    expect(output).toContain(part);
    expect(output.trim().split("\n")).toHaveLength(1);
    expect(output).not.toMatch(/\n\s+at |Error:|Warning/);
    expect(code).toBe(1);
  }
});

describe("a running shop", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it("brings an embedded Valkey when no Redis is named, says so, and takes it along when it stops", async () => {
    const shop = await startShopProgram();
    expect(shop.output()).toContain(`The shop  ${shop.url}`);
    expect(shop.output()).toContain("in an embedded Valkey");
    expect(shop.output()).not.toMatch(/Warning|WASI/);
    const valkeyPort = Number(/redis:\/\/127\.0\.0\.1:(\d+)/.exec(shop.output())![1]);
    expect((await new Customer(shop).get("/")).status).toBe(200);
    expect(await shop.stop("SIGINT")).toBe(0);
    await expectFree(valkeyPort);
    await expectFree(Number(new URL(shop.url).port));
  });

  it("leaves nothing behind when it is killed", async () => {
    const shop = await startShopProgram();
    const valkeyPort = Number(/redis:\/\/127\.0\.0\.1:(\d+)/.exec(shop.output())![1]);
    await shop.stop("SIGKILL");
    await vi.waitFor(() => expectFree(valkeyPort), { timeout: 10_000 });
    await vi.waitFor(() => expectFree(Number(new URL(shop.url).port)), { timeout: 10_000 });
  });

  it("uses the Redis that a .env file names", async () => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-shop-"));
    writeFileSync(join(folder, ".env"), `REDIS_HOST=127.0.0.1\nREDIS_PORT=${redis.port}\nREDIS_DB=3\n`);
    const shop = await startShopProgram({}, folder);
    try {
      expect(shop.output()).toContain(`in Redis at redis://127.0.0.1:${redis.port}/3`);
      await new Customer(shop).get("/");
      const client = await redis.client();
      await client.select(3);
      expect(await client.keys("sess:*")).toHaveLength(1);
    } finally {
      expect(await shop.stop()).toBe(0);
      rmSync(folder, { recursive: true });
    }
  });

  it("replaces a worker that crashed, and nobody is logged out", async () => {
    const shop = await startShopProgram({ REDIS_URL: redis.url });
    try {
      const customer = new Customer(shop);
      await customer.register("crash-1");
      await customer.submit("/cart", { sku: "rope", quantity: 1 });
      const pids = await workersOf(customer);
      process.kill(pids[0]!, "SIGKILL");
      await vi.waitFor(() => expect(shop.output()).toContain("a new one takes its place"), { timeout: 10_000 });
      await vi.waitFor(async () => expect(await workersOf(customer)).not.toContain(pids[0]), { timeout: 10_000 });
      expect((await customer.get("/account")).status).toBe(200);
      expect(await customer.cart()).toEqual({ rope: 1 });
    } finally {
      await shop.stop();
    }
  });

  it("a restart of both workers answers every request meanwhile, and keeps login and cart", async () => {
    const shop = await startShopProgram({ REDIS_URL: redis.url });
    try {
      const [customer, other] = [new Customer(shop), new Customer(shop)];
      await customer.register("restart-1");
      await customer.submit("/cart", { sku: "rope", quantity: 1 });
      const before = await workersOf(customer);
      let restarting = true;
      const answers: number[] = [];
      const browsing = (async () => {
        while (restarting) answers.push((await other.get("/")).status);
      })();
      const answer = await customer.submit("/demo/restart", { next: "/cart" });
      restarting = false;
      await browsing;
      expect([answer.status, answer.headers["location"]]).toEqual([303, "/cart?restarted="]);
      expect(answers.length).toBeGreaterThan(0);
      expect(new Set(answers)).toEqual(new Set([200]));
      const after = await workersOf(customer);
      for (const pid of before) expect(after).not.toContain(pid);
      expect((await customer.get("/account")).status).toBe(200);
      expect(await customer.cart()).toEqual({ rope: 1 });
    } finally {
      expect(await shop.stop()).toBe(0);
    }
  });
});

describe("a shop that is stopped while it starts", () => {
  describe.skipIf(process.platform !== "linux")("leaves no embedded server behind", () => {
    it.each(["SIGTERM", "SIGKILL"] as const)("after %s", async (signal) => {
      for (const args of [[], ["--legacy"]]) {
        const { child, output } = await launchShop(args);
        const servers = await vi.waitFor(
          () => {
            const found = childrenOf(child.pid!);
            expect(found).toHaveLength(1 + args.length);
            return found;
          },
          { timeout: 20_000, interval: 5 },
        );
        const gone = once(child, "exit");
        child.kill(signal);
        await gone;
        // Without being told, a server would go on until its start is complete, which fails only by chance.
        await vi.waitFor(() => expect(servers.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]), {
          timeout: 10_000,
        });
        expect(output()).not.toContain("did not start");
      }
    });
  });

  it("its workers leave before anybody loses patience with them", async () => {
    const { child, output } = await launchShop();
    await vi.waitFor(() => expect(output()).toContain("Starting 2 workers"), { timeout: 30_000, interval: 5 });
    const gone = once(child, "exit");
    const begun = performance.now();
    child.kill("SIGTERM");
    expect(await gone).toEqual([0, null]);
    expect(performance.now() - begun).toBeLessThan(5000); // after which they are killed
    expect(output()).not.toMatch(/Error|\n\s+at /);
  });
});

function childrenOf(pid: number): number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return list === "" ? [] : list.split(" ").map(Number);
}

/** The processes that answer, asked until both have. */
async function workersOf(customer: Customer): Promise<number[]> {
  const pids = new Set<number>();
  for (let round = 0; round < 50 && pids.size < 2; round++) {
    const { body } = await customer.raw("get", "/session.json").set("Connection", "close");
    pids.add(Number(/process (\d+)/.exec(String(body.worker))?.[1]));
  }
  return [...pids];
}

async function expectFree(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  await new Promise((resolve) => server.close(resolve));
}
