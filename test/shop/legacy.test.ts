/** The shop that moves: sessions that come from PostgreSQL, an operator who turns the dial, and visitors who notice nothing. */
import { createRequire } from "node:module";
import type { RedisClientType } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { placesOf } from "../../demo-app/greeting.js";
import { readSettings } from "../../demo-app/settings.js";
import { bucketOf } from "../../lib/migrate/index.js";
import { launchBrowser } from "../support/browser.js";
import { chromiumPath } from "../support/programs.js";
import { useRedis } from "../support/servers/use-redis.js";
import { cookieOf, Customer, startShop } from "../support/shop.js";
import { press, runLegacyShop, startLegacyShop, type LegacyShop } from "./legacy-shop.js";

interface Pool {
  query(text: string, values?: unknown[]): Promise<{ rows: any[] }>;
  on(event: "error", listener: () => void): void;
  end(): Promise<void>;
}
const { Pool } = createRequire(import.meta.url)("pg") as { Pool: new (options: object) => Pool };

/** Someone who browses during the move, and what has to be in their cart. */
class Visitor {
  readonly customer: Customer;
  sid = "";
  ropes = 0;

  constructor(shop: LegacyShop) {
    this.customer = new Customer(shop);
  }

  async buy(): Promise<void> {
    const answer = await this.customer.submit("/cart", { sku: "rope", quantity: 1 });
    if (answer.status !== 303) throw new Error(`the shop answered ${answer.status}`);
    this.ropes++;
  }

  /** Which store answers. */
  async home(): Promise<string> {
    return String((await this.customer.raw("get", "/session.json")).body.home);
  }
}

describe("npm start -- --legacy", () => {
  const server = useRedis();
  let redis: RedisClientType;
  let shop: LegacyShop;
  let database: Pool;
  let operator: Customer;
  const visitors: Visitor[] = [];

  beforeAll(async () => {
    redis = await server.client();
    shop = await startLegacyShop({ REDIS_URL: server.url });
    database = new Pool({ connectionString: shop.databaseUrl, max: 2 });
    database.on("error", () => {});
    operator = new Customer(shop);
    for (let count = 0; count < 6; count++) {
      const visitor = new Visitor(shop);
      const first = await visitor.customer.get("/");
      visitor.sid = sidOf(cookieOf(first)!);
      visitors.push(visitor);
    }
    const member = visitors[0]!;
    const registered = await member.customer.submit("/register", { username: "mover", password: "correct horse" });
    member.sid = sidOf(cookieOf(registered)!); // a new one at each login
    await member.customer.get("/");
    for (const visitor of visitors) await visitor.buy();
  }, 90_000); // an embedded PostgreSQL starts slowly on a machine that has other work
  afterAll(async () => {
    await database?.end();
    await shop?.stop();
  });

  /** What lies in each store under the visitor's id. */
  async function ropesInRedis({ sid }: Visitor): Promise<number | undefined> {
    const text = await redis.get(`sess:${sid}`);
    return text ? JSON.parse(text).cart?.rope?.quantity : undefined;
  }
  async function ropesInDatabase({ sid }: Visitor): Promise<number | undefined> {
    const { rows } = await database.query("SELECT sess FROM session WHERE sid = $1", [sid]);
    return rows[0]?.sess.cart?.rope?.quantity;
  }

  /** Everybody buys, is still logged in, and has everything that was ever bought. */
  async function expectNobodyNoticed(dial: number): Promise<void> {
    expect((await visitors[0]!.customer.get("/account")).status).toBe(200);
    for (const visitor of visitors) {
      await visitor.buy();
      expect(await visitor.customer.cart()).toEqual({ rope: visitor.ropes });
      expect(await visitor.home()).toBe(bucketOf(visitor.sid) < dial ? "Redis" : "PostgreSQL");
    }
  }

  async function inBothStores(): Promise<void> {
    for (const visitor of visitors) {
      expect(await ropesInRedis(visitor)).toBe(visitor.ropes);
      expect(await ropesInDatabase(visitor)).toBe(visitor.ropes);
    }
  }

  it("says where both stores are, and the command for them", () => {
    const places = `--redis ${server.url} --from ${shop.databaseUrl}`;
    expect(shop.output()).toContain(`migrate from an embedded PostgreSQL at ${shop.databaseUrl}`);
    expect(shop.output()).toContain(`npx holdfast migrate status ${places}`);
    expect(shop.output()).not.toMatch(/Warning|Error/);
  });

  it("keeps its sessions in the database, and Redis knows nothing of them", async () => {
    await expectNobodyNoticed(0);
    for (const visitor of visitors) {
      expect(await ropesInDatabase(visitor)).toBe(visitor.ropes);
      expect(await ropesInRedis(visitor)).toBeUndefined();
    }
  });

  it("shows what is refused beside the button, as it is", async () => {
    const notBegun = { state: "refused", sentence: "The move has not begun. Run `holdfast migrate start` first." };
    expect(await press(operator, "set", { dial: 10 })).toEqual(notBegun);
    expect(await press(operator, "backfill")).toEqual(notBegun);
    expect(await press(operator, "finish")).toEqual(notBegun);
    const tooFar = await operator.submit("/operator/move/set", { dial: 101 }, { "Sec-Fetch-Site": "same-origin" });
    expect(tooFar.status).toBe(422);
  });

  it("start, backfill, verify, 10, 50, 100: nobody is logged out, and no cart line is lost", async () => {
    expect((await press(operator, "start")).state).toBe("done");
    await expectNobodyNoticed(0);
    expect((await press(operator, "backfill")).sentence).toMatch(/^3,0\d\d rows checked: [\d,]+ copied/);
    await inBothStores();
    const verified = await press(operator, "verify", { repair: "yes" });
    expect(verified).toMatchObject({ state: "done", sentence: expect.stringContaining(" 0 different, 0 only in") });
    for (const dial of [10, 50, 100]) {
      expect(await press(operator, "set", { dial })).toEqual({
        state: "done",
        sentence: `The dial is at ${dial}.`,
      });
      await expectNobodyNoticed(dial);
      await inBothStores();
    }
    expect((await operator.get("/operator/move")).text).toContain("Redis answers for 100 of 100 sessions");
  }, 60_000);

  it("a restart of both workers leaves no doubt behind: each says goodbye", async () => {
    await operator.submit("/demo/restart", { next: "/" });
    await expectNobodyNoticed(100);
    expect(await redis.hLen("{holdfast:move}:processes")).toBe(2);
    expect(await redis.hGet("{holdfast:move}", "doubt")).toBeFalsy();
  });

  it("finish: refused until compared; then the database is not written any more", async () => {
    expect(await press(operator, "finish")).toMatchObject({
      state: "refused",
      sentence: expect.stringContaining("verify"),
    });
    expect((await press(operator, "verify")).state).toBe("done");
    expect((await press(operator, "finish")).state).toBe("done");
    const before = await Promise.all(visitors.map(ropesInDatabase));
    await expectNobodyNoticed(100);
    expect(await Promise.all(visitors.map(ropesInDatabase))).toEqual(before);
    for (const visitor of visitors) expect(await ropesInRedis(visitor)).toBe(visitor.ropes);
  });

  it("roll-back brings everything to the database, and everybody goes on there", async () => {
    expect((await press(operator, "rollback")).state).toBe("done");
    for (const visitor of visitors) expect(await ropesInDatabase(visitor)).toBe(visitor.ropes);
    await expectNobodyNoticed(0);
  });

  it("the console is for this machine and its own forms only", async () => {
    const page = () => operator.raw("get", "/operator/").set("Accept", "text/html");
    expect((await page()).status).toBe(200);
    expect((await page().set("X-Forwarded-For", "192.0.2.1")).status).toBe(403);
    expect((await page().set("Host", "shop.example.org")).status).toBe(403);
    const forged = await operator.submit("/operator/move/start", {}, { "Sec-Fetch-Site": "same-site" });
    expect(forged.status).toBe(403);
    expect(await redis.hGet("{holdfast:move}", "phase")).toBe("off");
    expect((await operator.raw("get", "/").set("Host", "shop.example.org")).text).not.toContain('href="/operator');
  });

  it("no way of writing an address leads from elsewhere to a route of the operator, or to the workers' restart", async () => {
    const phase = await redis.hGet("{holdfast:move}", "phase");
    const routes: ["get" | "post", string][] = [
      ...["", "/", "/move", "/move/rollback", "/sessions", "/redis", "/events"].map((path): ["get", string] => [
        "get",
        `/operator${path}`,
      ]),
      ...["move/start", "move/set", "move/backfill", "move/verify", "move/finish", "move/rollback", "users/end"].map(
        (path): ["post", string] => ["post", `/operator/${path}`],
      ),
      ["post", "/demo/restart"],
      ["get", "/compare"],
      ["post", "/compare/holdfast/start.json"],
    ];
    const spellings = [
      (path: string) => path,
      (path: string) => path.toUpperCase(),
      (path: string) => path.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
      (path: string) => `${path}/`,
      (path: string) => `/${path}`,
      (path: string) => path.replace("o", "%6F"),
      (path: string) => path.replace("/", "/./"),
      (path: string) => `${path}?dial=0`,
      (path: string) => `${path};x=1`,
      (path: string) => path.replaceAll("/", "//"),
    ];
    const elsewhere = [{ Host: "evil.example:3000" }, { "X-Forwarded-For": "192.0.2.1" }];
    const open: string[] = [];
    for (const [method, path] of routes) {
      for (const spell of spellings) {
        for (const headers of elsewhere) {
          const request = operator
            .raw(method, spell(path))
            .set({ Accept: "text/html", "X-CSRF-Token": operator.token, "Sec-Fetch-Site": "same-origin" });
          const { status, text } = await request.set(headers);
          if (![403, 404].includes(status) || /data-(live|now)|class="(find|findings|tiles)"/.test(text))
            open.push(`${method} ${spell(path)}`);
        }
      }
    }
    expect(open).toEqual([]);
    expect(await redis.hGet("{holdfast:move}", "phase")).toBe(phase);
  });

  describe.skipIf(!chromiumPath)("in a browser", () => {
    it("the bar moves, the dial turns, and the visitor's session changes its home, all without a new page", async () => {
      const browser = await launchBrowser();
      try {
        const complaints: string[] = [];
        const context = await browser.newContext({ baseURL: shop.url, viewport: { width: 1440, height: 900 } });
        const open = async (path: string) => {
          const page = await context.newPage();
          page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
          page.on("pageerror", (error) => complaints.push(error.message));
          await page.goto(path);
          return page;
        };
        const goods = await open("/");
        await goods.getByRole("link", { name: "The operator's console" }).waitFor();
        const home = goods.locator('[data-session="home"]');
        await expect.poll(() => home.textContent()).toBe("PostgreSQL");
        await goods.setViewportSize({ width: 1280, height: 720 });
        await goods.getByRole("button", { name: "Twenty cart updates" }).click();
        await goods.getByText("20 expected").waitFor();
        const inside = goods.locator("[data-panel] .inside");
        await expect.poll(() => inside.evaluate((one) => one.scrollHeight - one.clientHeight)).toBe(0);
        const page = await open("/operator/move");
        const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
        await press("Start");
        await page.locator("#start .done").getByText("Every change goes to both stores").waitFor();
        await press("Backfill");
        await page.locator("#backfill .done").getByText("rows checked").waitFor();
        // What Redis has is from before the roll-back.
        await press("Verify");
        await page
          .locator("#verify .refused")
          .getByText(/[1-9]\d* different/)
          .waitFor();
        await page.getByLabel("repair").check();
        await press("Verify");
        await page
          .locator("#verify .done")
          .getByText(/[1-9]\d* repaired/)
          .waitFor();
        await press("Dial to 100");
        await page.locator("#set-100 .done").getByText("The dial is at 100.").waitFor();
        await page.getByRole("img", { name: "The dial is at 100" }).waitFor();
        await goods.reload();
        await expect.poll(() => home.textContent()).toBe("Redis");
        expect(complaints).toEqual([]);
      } finally {
        await browser.close();
      }
    }, 60_000);
  });
});

describe("npm start -- --legacy does not start, and says why in one sentence, when", () => {
  it.each([
    [["--legcy"], {}, 'There is no option "--legcy". The only option is --legacy'],
    [["--legacy"], { DATABASE_URL: "mysql://root@127.0.0.1/shop" }, "DATABASE_URL must begin with postgres://"],
    [["--legacy"], { DATABASE_URL: "postgres://u:the-password@127.0.0.1:1/shop" }, "cannot be reached"],
  ])("%j %j", async (args, env: Record<string, string>, sentence) => {
    const { code, output } = await runLegacyShop(args, env);
    expect(output).toContain(sentence);
    expect(output.trim().split("\n")).toHaveLength(1);
    expect(output).not.toContain("the-password");
    expect(code).toBe(1);
  });
});

it("a url with a password is not printed; its variable stands for it", () => {
  const DATABASE_URL = "postgres://shop:the-password@db.example.org/shop";
  const settings = readSettings({ DATABASE_URL, REDIS_URL: "redis://127.0.0.1:6379" }, ["--legacy"]);
  const facts = { settings, address: "redis://127.0.0.1:6379", valkeyUrl: undefined, postgresUrl: undefined };
  expect(placesOf(facts)).toBe('--redis redis://127.0.0.1:6379 --from "$DATABASE_URL"');
});

it("without --legacy there is no migration, and the panel tells of Redis alone", async () => {
  const shop = await startShop();
  try {
    const customer = new Customer(shop);
    expect((await customer.get("/operator/")).status).toBe(200);
    expect((await customer.get("/operator/move")).status).toBe(404);
    const { text, headers } = await customer.get("/");
    expect(text).not.toContain("PostgreSQL");
    expect(headers["server-timing"]).not.toContain("db");
  } finally {
    await shop.close();
  }
});

/** The session's id, from its signed cookie. */
function sidOf(cookie: string): string {
  return decodeURIComponent(cookie).slice(2).split(".")[0]!;
}
