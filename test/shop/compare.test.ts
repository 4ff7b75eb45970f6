/** The comparison through HTTP: what each side makes of requests that overlap, and who may call it. */
import { afterAll, beforeAll, expect, it } from "vitest";
import request from "supertest";
import { startShop, type TestShop } from "../support/shop.js";

let shop: TestShop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.close());

const sides = ["connect-redis", "holdfast"] as const;

interface Seen {
  user: string | null;
  stored: string | null;
}

/** A browser that is logged in on one side. */
async function logIn(side: string) {
  let cookie = "";
  const ask = async (method: string, path: string) => {
    const answer = await fetch(`${shop.url}/compare/${side}/${path}.json`, { method, headers: { cookie } });
    expect({ path, status: answer.status }).toEqual({ path, status: 200 });
    cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? cookie;
    return (await answer.json()) as unknown;
  };
  await ask("POST", "start");
  return { post: (path: string) => ask("POST", path), look: () => ask("GET", "session") as Promise<Seen> };
}

async function keptOfTwenty(side: string): Promise<number> {
  const visitor = await logIn(side);
  await Promise.all(Array.from({ length: 20 }, (_, index) => visitor.post(`items/n${index + 1}`)));
  const { stored } = await visitor.look();
  return Object.keys((JSON.parse(stored ?? "{}") as { items: object }).items).length;
}

it("of twenty updates at once connect-redis loses some and Holdfast none, three times over", async () => {
  for (let round = 0; round < 3; round++) {
    expect(await keptOfTwenty("connect-redis")).toBeLessThan(20);
    expect(await keptOfTwenty("holdfast")).toBe(20);
  }
});

it("a slow request revives the session that was logged out with connect-redis, and not with Holdfast", async () => {
  const ends = await Promise.all(
    sides.map(async (side) => {
      const visitor = await logIn(side);
      const slow = visitor.post("slow");
      await new Promise((resolve) => setTimeout(resolve, 500)); // as the page does, so that the slow request is under way
      await visitor.post("logout");
      const between = await visitor.look();
      await slow;
      const { user, stored } = await visitor.look();
      return { side, between, user, isStored: stored !== null };
    }),
  );
  const between = { user: null, stored: null };
  expect(ends).toEqual([
    { side: "connect-redis", between, user: "ada", isStored: true },
    { side: "holdfast", between, user: null, isStored: false },
  ]);
});

it("each side has keys and a cookie of its own, with a lifetime", async () => {
  for (const side of sides) {
    const answer = await request(shop.url).post(`/compare/${side}/start.json`).expect(200);
    expect(String(answer.headers["set-cookie"])).toMatch(
      new RegExp(`^compare\\.${side}=.*Path=/compare/${side};.*HttpOnly`),
    );
    const key = (await shop.client.keys(`compare:${side}:*`))[0]!;
    expect(await shop.client.ttl(key)).toBeLessThanOrEqual(600);
    expect(await shop.client.ttl(key)).toBeGreaterThan(0);
  }
});

it.each(sides)("%s serves this machine and this site alone", async (side) => {
  const start = () => request(shop.url).post(`/compare/${side}/start.json`);
  expect((await start().set("X-Forwarded-For", "192.0.2.1")).status).toBe(403);
  expect((await start().set("Host", "shop.example.org")).status).toBe(403);
  expect((await start().set("Sec-Fetch-Site", "same-site")).status).toBe(403);
  const page = () => request(shop.url).get("/compare");
  expect((await page()).status).toBe(200);
  expect((await page().set("Host", "shop.example.org")).status).toBe(403);
  const goods = await request(shop.url).get("/").set("Host", "shop.example.org");
  expect(goods.text).not.toContain("/compare");
  expect((await request(shop.url).get("/")).text).toContain('href="/compare"');
});

it("the checklist leaves out what this visitor cannot do", async () => {
  const steps = async (headers: Record<string, string> = {}) => {
    const { text } = await request(shop.url).get("/").set(headers);
    return [...text.matchAll(/data-step="(\w+)"/g)].map(([, step]) => step);
  };
  // This shop runs without workers.
  expect(await steps()).toEqual(["cart", "twenty", "login", "logout", "away"]);
  expect(await steps({ Host: "shop.example.org" })).toEqual(["cart", "twenty", "login"]);
});

it("an update without a session, or of a name that the page does not send, is refused", async () => {
  for (const side of sides) {
    expect((await request(shop.url).post(`/compare/${side}/items/n1.json`)).status).toBe(409);
    const visitor = await request(shop.url).post(`/compare/${side}/start.json`);
    const cookie = String(visitor.headers["set-cookie"]).split(";")[0]!;
    const answer = await request(shop.url).post(`/compare/${side}/items/__proto__.json`).set("Cookie", cookie);
    expect([answer.status, Object.keys(answer.body as object)]).toEqual([409, ["error"]]);
  }
});
