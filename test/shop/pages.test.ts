/** The shop through HTTP: goods, cart, accounts, and what a page view costs. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { products } from "../../demo-app/products.js";
import { cookieOf, Customer, startShop, type TestShop } from "../support/shop.js";

let shop: TestShop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.close());

let names = 0;
const newName = () => `customer-${++names}`;

describe("goods", () => {
  it("the list shows every product with its price", async () => {
    const { text, status } = await new Customer(shop).get("/");
    expect(status).toBe(200);
    for (const { sku, name } of products) {
      expect(text).toContain(`href="/products/${sku}"`);
      expect(text).toContain(name);
    }
  });

  it("every product has a page", async () => {
    const customer = new Customer(shop);
    for (const { sku, name } of products)
      expect((await customer.get(`/products/${sku}`)).text).toContain(`<h1>${name}</h1>`);
  });

  it("every page forbids inline scripts and frames, and is kept by no cache", async () => {
    const { headers } = await new Customer(shop).get("/");
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["cache-control"]).toBe("no-store");
    expect(headers["x-powered-by"]).toBeUndefined();
  });

  it("styles come without a session", async () => {
    const answer = await new Customer(shop).get("/assets/shop.css");
    expect(answer.status).toBe(200);
    expect(cookieOf(answer)).toBeUndefined();
  });
});

describe("the cart", () => {
  it("is filled, changed and emptied", async () => {
    const customer = new Customer(shop);
    const added = await customer.submit("/cart", { sku: "rope", quantity: 2 });
    expect([added.status, added.headers["location"]]).toEqual([303, "/products/rope?added"]);
    await customer.submit("/cart", { sku: "mug", quantity: 1 });
    expect((await customer.get("/cart")).text).toContain("€97.50");
    await customer.submit("/cart/rope", { quantity: 1 });
    expect(await customer.cart()).toEqual({ rope: 1, mug: 1 });
    await customer.submit("/cart/rope", { quantity: 1, remove: "yes" });
    expect(await customer.cart()).toEqual({ mug: 1 });
    await customer.submit("/cart/mug", { quantity: 0 });
    expect((await customer.get("/cart")).text).toContain("Nothing in it yet");
  });

  it("two tabs that add at once lose nothing, twenty times over", async () => {
    const customer = new Customer(shop);
    await customer.get("/");
    for (let round = 0; round < 20; round++) {
      await Promise.all([
        customer.submit("/cart", { sku: "rope", quantity: 1 }),
        customer.submit("/cart", { sku: "rope", quantity: 1 }),
        customer.submit("/cart", { sku: "mug", quantity: 1 }),
      ]);
    }
    expect(await customer.cart()).toEqual({ rope: 40, mug: 20 });
  });

  it("twenty updates that all hold the session at the same time are all kept", async () => {
    const customer = new Customer(shop);
    await customer.get("/");
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        customer
          .raw("post", "/cart/items.json")
          .set("X-CSRF-Token", customer.token)
          .send({ sku: "twine", quantity: 1 }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(await customer.cart()).toEqual({ twine: 20 });
  });

  it.each(["0", "-1", "1.5", "1e3", "100", "", "many", "１"])(
    "a quantity of %j is refused beside its field",
    async (quantity) => {
      const customer = new Customer(shop);
      const { status, text } = await customer.submit("/cart", { sku: "rope", quantity });
      expect(status).toBe(422);
      expect(text).toMatch(/aria-invalid="true"\s+aria-describedby="quantity-error"/);
      expect(await customer.cart()).toEqual({});
    },
  );

  it("shows again what was typed when a change is refused", async () => {
    const customer = new Customer(shop);
    await customer.submit("/cart", { sku: "rope", quantity: 1 });
    const { status, text } = await customer.submit("/cart/rope", { quantity: '"><b>lots' });
    expect(status).toBe(422);
    expect(text).toContain('value="&quot;&gt;&lt;b&gt;lots"');
    expect(text).toContain('id="quantity-rope-error"');
  });
});

describe("accounts", () => {
  it("register, account, log out, log in", async () => {
    const customer = new Customer(shop);
    const name = newName();
    const registered = await customer.register(name);
    expect([registered.status, registered.headers["location"]]).toEqual([303, "/account"]);
    expect((await customer.get("/account")).text).toContain(`<h1>${name}</h1>`);
    expect((await customer.submit("/logout", {})).headers["location"]).toBe("/?out");
    expect((await customer.get("/account")).headers["location"]).toBe("/login?next=%2Faccount");
    expect((await customer.logIn(name.toUpperCase())).status).toBe(303);
    expect((await customer.get("/account")).status).toBe(200);
  });

  it("the anonymous cart is kept at login, under a new session id; the old id is worthless", async () => {
    const customer = new Customer(shop);
    const before = cookieOf(await customer.get("/"))!;
    await customer.submit("/cart", { sku: "anchor", quantity: 1 });
    const after = cookieOf(await customer.register(newName()))!;
    expect(await customer.cart()).toEqual({ anchor: 1 });
    expect(after).not.toBe(before);
    const thief = await new Customer(shop).get("/account", { Cookie: `connect.sid=${before}` });
    expect(thief.status).toBe(303);
    const { text } = await new Customer(shop).get("/cart", { Cookie: `connect.sid=${before}` });
    expect(text).toContain("Nothing in it yet");
  });

  it("log out takes the cart with it, and the session leaves Redis", async () => {
    const customer = new Customer(shop);
    const id = decodeURIComponent(cookieOf(await customer.register(newName()))!)
      .slice(2)
      .split(".")[0]!;
    await customer.submit("/cart", { sku: "anchor", quantity: 1 });
    expect(await shop.client.exists(`sess:${id}`)).toBe(1);
    await customer.submit("/logout", {});
    expect(await shop.client.exists(`sess:${id}`)).toBe(0);
    expect(await customer.cart()).toEqual({});
  });

  it("of two that register one name at once, one gets it and the other is told", async () => {
    const name = newName();
    const [one, other] = [new Customer(shop), new Customer(shop)];
    await Promise.all([one.get("/register"), other.get("/register")]);
    const answers = await Promise.all([one.register(name), other.register(name.toUpperCase())]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409]);
    expect(answers.find(({ status }) => status === 409)!.text).toContain("Somebody has this name already");
  });

  it("a refused form shows the name again, the error beside its field, and never the password", async () => {
    const { status, text } = await new Customer(shop).submit("/register", { username: "Ada <3", password: "short-1" });
    expect(status).toBe(422);
    expect(text).toContain('value="Ada &lt;3"');
    expect(text).toMatch(/aria-describedby="username-error username-hint"\s+aria-invalid="true"/);
    expect(text).toContain('id="password-error"');
    expect(text).not.toContain("short-1");
  });

  it("a wrong password and an unknown name look the same", async () => {
    const customer = new Customer(shop);
    const name = newName();
    await customer.register(name);
    await customer.submit("/logout", {});
    await customer.get("/login");
    const wrong = await customer.submit("/login", { username: name, password: "wrong horse" });
    const unknown = await customer.submit("/login", { username: "nobody-here", password: "wrong horse" });
    const main = (text: string, own: string) => /<main[^]*<\/main>/.exec(text)![0].replaceAll(own, "NAME");
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(main(unknown.text, "nobody-here")).toBe(main(wrong.text, name));
  });

  it("after a login the visitor is back where they wanted to go", async () => {
    const customer = new Customer(shop);
    const name = newName();
    await customer.register(name);
    await customer.submit("/logout", {});
    const { text } = await customer.get("/login?next=%2Fproducts%2Frope");
    expect(text).toContain('name="next" value="/products/rope"');
    const answer = await customer.submit("/login", {
      username: name,
      password: "correct horse",
      next: "/products/rope",
    });
    expect(answer.headers["location"]).toBe("/products/rope");
  });

  it.each(["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example"])(
    "a login does not send its visitor to %j",
    async (next) => {
      const customer = new Customer(shop);
      const name = newName();
      await customer.register(name);
      await customer.submit("/logout", {});
      expect((await customer.get(`/login?next=${encodeURIComponent(next)}`)).text).not.toContain("evil");
      const answer = await customer.submit("/login", { username: name, password: "correct horse", next });
      expect(answer.headers["location"]).toBe("/account");
    },
  );
});

describe("the session panel", () => {
  it("counts page views into the session, as it lies in Redis", async () => {
    const customer = new Customer(shop);
    await customer.get("/");
    await customer.get("/products/rope");
    const { body } = await customer.raw("get", "/session.json");
    expect(JSON.parse(body.value)).toMatchObject({ pageViews: 2, currentPage: "/products/rope" });
    expect(body.bytes).toBe(Buffer.byteLength(JSON.stringify(JSON.parse(body.value))));
    expect(body.millisecondsToLive).toBeGreaterThan(86_000_000);
  });

  it("page views that overlap are all counted", async () => {
    const customer = new Customer(shop);
    await customer.get("/");
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 10 }, () => customer.get("/")));
    }
    const { body } = await customer.raw("get", "/session.json");
    expect(JSON.parse(body.value).pageViews).toBe(101);
  });

  it("looking at the session changes nothing in it", async () => {
    const customer = new Customer(shop);
    await customer.get("/");
    const first = await customer.raw("get", "/session.json");
    const second = await customer.raw("get", "/session.json");
    expect(second.body.value).toBe(first.body.value);
  });

  it("never shows the whole session id", async () => {
    const customer = new Customer(shop);
    const id = decodeURIComponent(cookieOf(await customer.get("/"))!)
      .slice(2)
      .split(".")[0]!;
    const page = await customer.get("/");
    const look = await customer.raw("get", "/session.json");
    expect(page.text).toContain(`sess:${id.slice(0, 4)}…`);
    expect(page.text + look.text).not.toContain(id.slice(0, 8));
  });

  it("the cost of a page is in its head, the save included", async () => {
    const customer = new Customer(shop);
    expect((await customer.get("/")).headers["server-timing"]).toMatch(
      /^redis;dur=[\d.]+;desc="1 1", total;dur=[\d.]+$/,
    );
    // A page view reads and writes: two commands, one after the other.
    await customer.get("/");
    expect((await customer.get("/")).headers["server-timing"]).toContain('desc="2 2"');
    // Looking is one read by the middleware and two commands that share a trip.
    expect((await customer.raw("get", "/session.json")).headers["server-timing"]).toContain('desc="3 2"');
  });

  it("a redirect goes out after its change was saved", async () => {
    const customer = new Customer(shop);
    const answer = await customer.submit("/cart", { sku: "rope", quantity: 1 });
    expect(answer.headers["server-timing"]).toContain('desc="2 2"');
  });
});
