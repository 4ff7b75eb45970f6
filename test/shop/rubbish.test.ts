/** Forged requests, rubbish in forms, and Redis away: a clear answer, never a 500, never a stack. */
import { request as httpRequest } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { cookieOf, Customer, startShop, type TestShop } from "../support/shop.js";

let shop: TestShop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.close());

const accountForms = ["/account/devices/end", "/account/devices/end-others", "/account/password"];
const add = { sku: "rope", quantity: 1 };

describe("a forged request", () => {
  it.each([
    ["no token", {}, { csrf: "" }],
    ["a wrong token", {}, { csrf: "AAAA" }],
    ["two tokens", {}, { csrf: ["a", "b"] }],
    ["the right token from another site", { "Sec-Fetch-Site": "cross-site" }, {}],
    ["the right token from a sibling site", { "Sec-Fetch-Site": "same-site" }, {}],
    ["the right token and a foreign origin", { Origin: "https://evil.example" }, {}],
    ["the right token and no origin to speak of", { Origin: "null" }, {}],
  ])("with %s is refused with 403 and changes nothing", async (_, headers, fields) => {
    const customer = new Customer(shop);
    await customer.get("/");
    const { status, text } = await customer.submit("/cart", { ...add, ...fields }, headers);
    expect(status).toBe(403);
    expect(text).toContain("nothing was done");
    expect(await customer.cart()).toEqual({});
  });

  it("with somebody else's token is refused", async () => {
    const [customer, thief] = [new Customer(shop), new Customer(shop)];
    await customer.get("/");
    await thief.get("/");
    expect((await customer.submit("/cart", { ...add, csrf: thief.token })).status).toBe(403);
  });

  it("with the token from before the login is refused", async () => {
    const customer = new Customer(shop);
    await customer.get("/");
    const old = customer.token;
    await customer.register("forged-1");
    expect(customer.token).not.toBe(old);
    expect((await customer.submit("/cart", { ...add, csrf: old })).status).toBe(403);
  });

  it.each([{ Origin: "SELF" }, { "Sec-Fetch-Site": "same-origin" }])(
    "what the shop's own page sends passes: %o",
    async (headers) => {
      const sent = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, value.replace("SELF", shop.url)]),
      );
      expect((await new Customer(shop).submit("/cart", add, sent)).status).toBe(303);
    },
  );

  it.each([
    "/cart",
    "/cart/rope",
    "/checkout",
    "/register",
    "/login",
    "/logout",
    ...accountForms,
    "/cart/items.json",
    "/demo/restart",
  ])("to %s without a token is refused", async (path) =>
    expect((await new Customer(shop).raw("post", path)).status).toBe(403),
  );

  it.each([
    ["unsigned", "s%3AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    ["signed with rubbish", "s%3AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.AAAA"],
    ["malformed", "%E0%A4%A"],
    ["enormous", "s%3A" + "A".repeat(6000)],
    ["a path", "s%3A../../etc/passwd.x"],
  ])("with a cookie that is %s gets a new session", async (_, value) => {
    const answer = await new Customer(shop).get("/", { Cookie: `connect.sid=${value}` });
    expect(answer.status).toBe(200);
    expect(cookieOf(answer)).toBeDefined();
    expect(cookieOf(answer)).not.toBe(value);
  });
});

describe("rubbish in a form", () => {
  const rubbish: [string, Record<string, unknown>][] = [
    ["arrays", { username: ["a", "b"], password: ["c", "d"], sku: ["rope", "mug"], quantity: ["1", "2"] }],
    ["objects", { "username[a]": "x", "password[b]": "y", "sku[c]": "z", "quantity[__proto__]": "1" }],
    [
      "prototypes",
      { __proto__x: "1", constructor: "x", "__proto__[admin]": "1", sku: "__proto__", quantity: "constructor" },
    ],
    ["nothing", {}],
    [
      "control characters",
      { username: "a\u0000b\r\n", password: "\u0000".repeat(9), sku: "\u0000", quantity: "1\u0000" },
    ],
    ["markup", { username: "<img src=x onerror=alert(1)>", password: "<b>", sku: "<i>", quantity: "<u>" }],
    ["half a character", { username: "\ud800ada", password: "\udfff", sku: "\ud800", quantity: "\ud800" }],
  ];

  it.each(rubbish)("(%s) gets a 4xx page from every form", async (_, fields) => {
    const customer = new Customer(shop);
    await customer.get("/");
    for (const path of ["/cart", "/cart/rope", "/cart/%00", "/register", "/login", ...accountForms]) {
      const { status, text } = await customer.submit(path, fields as never);
      expect.soft(status, path).toBeGreaterThanOrEqual(400);
      expect.soft(status, path).toBeLessThan(500);
      expect.soft(text, path).toContain("<h1>");
      expect.soft(text, path).not.toMatch(/node_modules|\.ts:|\.js:|<img|onerror=alert\(1\)>/);
    }
  });

  it.each(rubbish)("(%s) changes nothing in an account", async (name, fields) => {
    const customer = new Customer(shop);
    await customer.register(`rubbish-${rubbish.findIndex((one) => one[0] === name)}`);
    for (const path of ["/account/devices/end", "/account/password"]) {
      const { status, text } = await customer.submit(path, fields as never);
      expect.soft([400, 401, 404], path).toContain(status);
      expect.soft(text, path).toContain("Where you are logged in");
    }
    expect((await customer.get("/account")).status).toBe(200);
  });

  it.each([
    ["not JSON", "application/json", "{nonsense", 400],
    ["JSON that is no object", "application/json", "null", 400],
    ["a JSON array", "application/json", "[1,2]", 404],
    ["a prototype in JSON", "application/json", '{"__proto__":{"sku":"rope","quantity":1}}', 404],
    ["another alphabet's name", "application/x-www-form-urlencoded; charset=klingon", "sku=rope", 415],
    ["malformed percent-encoding", "application/x-www-form-urlencoded", "sku=%E0%A4%A&quantity=%", 404],
    ["a thousand fields", "application/x-www-form-urlencoded", "a=1&".repeat(1000), 413],
    ["an upload", "multipart/form-data; boundary=x", "--x--", 415],
    ["bytes", "application/octet-stream", "\u0001\u0002", 415],
    ["a compressed lie", "application/json", "not gzip", 400],
  ])("%s is answered in words", async (name, type, body, expected) => {
    const customer = new Customer(shop);
    await customer.get("/");
    const sending = customer
      .raw("post", "/cart/items.json")
      .set({ "Content-Type": type, "X-CSRF-Token": customer.token });
    if (name === "a compressed lie") sending.set("Content-Encoding", "gzip");
    const answer = await sending.send(body);
    expect(answer.status).toBe(expected);
    expect(answer.body.error).toMatch(/\.$/);
  });

  it("a body of 10 MB is refused with 413, and nothing of it is kept", async () => {
    const customer = new Customer(shop);
    await customer.get("/");
    const { status, text } = await customer.submit("/register", {
      username: "x".repeat(10_000_000),
      password: "correct horse",
    });
    expect(status).toBe(413);
    expect(text).toContain("more than any form in this shop accepts");
    expect((await customer.get("/")).status).toBe(200);
  });

  it.each([
    "/%E0%A4%A",
    "/products/%E0%A4%A",
    "/products/%00",
    "/assets/%E0%A4%A",
    "/assets/..%2fapp.ts",
    "/products/constructor",
  ])("the path %s is answered with a 4xx page", async (path) => {
    const { status, text } = await rawGet(shop.url, path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(text).toContain("<h1>");
    expect(text).not.toMatch(/node_modules|URIError|\n +at /);
  });

  it("a query full of rubbish is no trouble", async () => {
    const answer = await new Customer(shop).get("/login?next[]=1&next=2&__proto__=3&%E0%A4%A=%");
    expect(answer.status).toBe(200);
  });
});

describe("while Redis is away", () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  afterEach(() => log.mockClear());

  it("a page is answered with 503 in words, with Retry-After, and comes back", async () => {
    const own = await startShop();
    try {
      const customer = new Customer(own);
      await customer.submit("/cart", add);
      await own.client.close();
      const { status, text, headers } = await customer.get("/");
      expect(status).toBe(503);
      expect(Number(headers["retry-after"])).toBeGreaterThan(0);
      expect(text).toContain("depends on its append-only file and its snapshots");
      expect(text).not.toContain("Nothing is lost");
      expect(text).not.toMatch(/node_modules|\.ts:|\.js:/);
      await own.client.connect();
      await vi.waitFor(async () => expect((await customer.get("/")).status).toBe(200), { timeout: 10_000 });
      expect(await customer.cart()).toEqual({ rope: 1 });
    } finally {
      await own.close();
    }
  });

  it("a change that could not be saved is not called a success", async () => {
    const own = await startShop();
    try {
      const customer = new Customer(own);
      await customer.get("/");
      await own.client.configSet({ maxmemory: "1", "maxmemory-policy": "noeviction" });
      const { status } = await customer.submit("/cart", add);
      expect(status).toBe(503);
      await own.client.configSet({ maxmemory: "0" });
      await vi.waitFor(async () => expect((await customer.get("/")).status).toBe(200), { timeout: 10_000 });
      expect(await customer.cart()).toEqual({});
    } finally {
      await own.close();
    }
  });
});

/** A GET whose path goes out as it is, without being put right by a client. */
function rawGet(url: string, path: string): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    httpRequest({ hostname, port, path, headers: { Accept: "text/html" } }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on("error", reject)
      .end();
  });
}
