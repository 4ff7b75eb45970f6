/** The simulated visitors: they keep the shop busy, within bounds, and take nothing away from real ones. */
import { readFileSync } from "node:fs";
import { RedisAccounts } from "holdfast/auth";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { makeAccounts } from "../../demo-app/simulation/accounts.js";
import { Simulation } from "../../demo-app/simulation/simulation.js";
import { simulatedVisitors } from "../../demo-app/simulation/switch.js";
import { Customer, startShop, type TestShop } from "../support/shop.js";
import { useRedis } from "../support/servers/use-redis.js";
import { startShopProgram } from "../support/shop-program.js";

const patience = { timeout: 60_000, interval: 100 };

async function newShop(): Promise<TestShop> {
  const shop = await startShop();
  onTestFinished(() => shop.close());
  return shop;
}

/** Faster than in the shop. */
function simulate(shop: TestShop, clicksPerSecond = 200): Simulation {
  const accounts = new RedisAccounts({ client: shop.client });
  const makeThem = () => makeAccounts(accounts);
  const simulation = new Simulation({ url: shop.url, makeAccounts: makeThem, clicksPerSecond });
  simulation.start();
  onTestFinished(() => simulation.stop());
  return simulation;
}

interface Stored {
  pageViews?: number;
  login?: { user: { username: string } };
  checkout?: object;
}

async function sessionsOf(shop: TestShop): Promise<Stored[]> {
  const keys = await shop.client.keys("sess:*");
  const texts = keys.length > 0 ? await shop.client.mGet(keys) : [];
  return texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as Stored]));
}

const viewsIn = (sessions: Stored[]) => sessions.reduce((sum, { pageViews = 0 }) => sum + pageViews, 0);

describe("while they are in", () => {
  it("they browse, check out, log in and out, and their sessions and accounts do not add up", async () => {
    const shop = await newShop();
    const seen = new Set<string>();
    for (let run = 0; run < 2; run++) {
      const simulation = simulate(shop);
      const before = viewsIn(await sessionsOf(shop));
      await vi.waitFor(async () => {
        const sessions = await sessionsOf(shop);
        for (const { login, checkout } of sessions) {
          if (login) seen.add(login.user.username);
          if (checkout) seen.add("checkout");
        }
        expect(seen).toContain("checkout");
        expect(seen.size).toBeGreaterThanOrEqual(6);
        expect(viewsIn(sessions) - before).toBeGreaterThan(100);
      }, patience);
      await simulation.stop();
    }
    expect([...seen].filter((name) => name !== "checkout").every((name) => /^simulated-[1-8]$/.test(name))).toBe(true);
    expect((await shop.client.keys("user:*")).length).toBe(8);
    // Each run brings new browsers; within one, a logout ends a session before the next begins.
    expect((await sessionsOf(shop)).length).toBeLessThanOrEqual(2 * simulatedVisitors);
  });

  it("a real visitor from the same address registers and logs in as ever, with all attempts", async () => {
    const shop = await newShop();
    const simulation = simulate(shop);
    const loggedIn = () => sessionsOf(shop).then((sessions) => sessions.filter(({ login }) => login).length);
    await vi.waitFor(async () => expect(await loggedIn()).toBeGreaterThan(3), patience);
    await simulation.stop();
    expect(await shop.client.keys("throttle:action:*")).toEqual([]);
    // Logins that succeed give back what they took.
    const taken = await shop.client.keys("throttle:address:*");
    for (const key of taken) expect(Number(await shop.client.get(key))).toBeLessThanOrEqual(4);
    const customer = new Customer(shop);
    expect((await customer.register("real-1")).status).toBe(303);
    await customer.submit("/logout", {});
    expect((await customer.logIn("real-1")).status).toBe(303);
  });

  it("an account of somebody who has such a name is left alone", async () => {
    const shop = await newShop();
    await new Customer(shop).register("Simulated-1", "battery staple");
    const made = await makeAccounts(new RedisAccounts({ client: shop.client }));
    expect(made.map(({ username }) => username)).toEqual([2, 3, 4, 5, 6, 7, 8].map((number) => `simulated-${number}`));
    expect((await new Customer(shop).logIn("simulated-1", "battery staple")).status).toBe(303);
  });

  it("they rest while Redis is away, and come back with it", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => log.mockRestore());
    const shop = await newShop();
    simulate(shop, 20);
    await vi.waitFor(async () => expect((await sessionsOf(shop)).length).toBeGreaterThan(3), patience);
    await shop.client.close();
    const start = performance.now();
    await vi.waitFor(() => expect(log.mock.calls.length).toBeGreaterThan(6), patience);
    // They would need a third of a second without a rest.
    expect(performance.now() - start).toBeGreaterThan(1000);
    await shop.client.connect();
    const before = viewsIn(await sessionsOf(shop));
    await vi.waitFor(async () => expect(viewsIn(await sessionsOf(shop))).toBeGreaterThan(before + 5), patience);
  });
});

describe("the switch", () => {
  const redis = useRedis();
  afterEach(async () => void (await (await redis.client()).flushDb()));
  const button = (text: string) => /name="visitors" value="(\w+)"/.exec(text)?.[1];

  it("lets them in and sends them away; it survives a restart of the workers, and nothing survives the shop", async () => {
    const shop = await startShopProgram({ REDIS_URL: redis.url });
    onTestFinished(async () => void (await shop.stop()));
    const client = await redis.client();
    const customer = new Customer(shop);
    const turn = (visitors: string) => customer.submit("/demo/visitors", { visitors, next: "/products/rope" });
    const children = childrenOf(shop.process.pid!);
    expect(button((await customer.get("/")).text)).toBe("in");

    const answer = await turn("in");
    expect([answer.status, answer.headers["location"]]).toEqual([303, "/products/rope?visitors="]);
    const { text } = await customer.get("/products/rope?visitors=");
    expect(text).toContain('Watch them in <a href="/operator/">');
    await turn("in"); // pressed twice: they are the same
    expect(childrenOf(shop.process.pid!)).toHaveLength(children.length + 1);
    await vi.waitFor(async () => expect((await client.keys("sess:*")).length).toBeGreaterThan(3), patience);

    await customer.get("/");
    await customer.submit("/demo/restart", {});
    for (let page = 0; page < 4; page++) {
      const { text } = await customer.get("/", { Connection: "close" });
      expect(button(text)).toBe("out");
    }
    for (const visitors of ["out", "in", "out"]) await turn(visitors); // while they are still starting, too
    expect(childrenOf(shop.process.pid!)).toHaveLength(children.length);
    expect((await customer.get("/?visitors=")).text).toContain("have been sent away");
    expect(button((await customer.get("/")).text)).toBe("in");

    await turn("in");
    const [last] = childrenOf(shop.process.pid!)
      .filter((pid) => !children.includes(pid))
      .slice(-1);
    await shop.stop("SIGKILL");
    await vi.waitFor(() => expect(() => process.kill(last!, 0)).toThrow("ESRCH"), patience);
  });

  it("is for this machine alone", async () => {
    const turned: boolean[] = [];
    const turn = (isOn: boolean) => Promise.resolve(void turned.push(isOn));
    const shop = await startShop({ simulation: { isOn: false, turn } });
    onTestFinished(() => shop.close());
    const customer = new Customer(shop);
    expect(button((await customer.get("/")).text)).toBe("in");
    const proxied = { "X-Forwarded-For": "192.0.2.1" };
    expect(button((await customer.get("/", proxied)).text)).toBeUndefined();
    expect((await customer.submit("/demo/visitors", { visitors: "in" }, proxied)).status).toBe(403);
    expect(turned).toEqual([]);
    await customer.submit("/demo/visitors", { visitors: "in" });
    expect(turned).toEqual([true]);
  });
});

/** The processes that a process has started. Linux only, like the machines that run these tests. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
}
