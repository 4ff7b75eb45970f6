/** The shop through HTTP: goods, cart, accounts, and what a page view costs. */
import type { Response } from "supertest";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { products } from "../../demo-app/products.js";
import { cookieOf, Customer, startShop, type TestShop } from "../support/shop.js";

let shop: TestShop;
beforeAll(async () => {
  shop = await startShop({ throttle: false });
});
afterAll(() => shop.close());

let names = 0;
const newName = () => `customer-${++names}`;
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
/** What a page says is wrong, by the ids of its sentences. */
const errorsIn = (text: string) => [...text.matchAll(/<p class="error[^>]* id="([^"]+)"/g)].map((match) => match[1]);

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

  const wrongField = (text: string) => /<input[^>]*aria-invalid="true"[^>]*>/.exec(text)?.[0];

  it.each([
    ["0", "0 is too few: at least 1."],
    ["-1", "-1 is too few: at least 1."],
    ["1.5", "1.5 is not possible: whole pieces only."],
    ["abc", "“abc” is not a whole number."],
    ["1000", "1000 is too many: at most 99 at once."],
    ["", "Please type how many."],
  ])("a quantity of %j is refused beside its field, which keeps it", async (quantity, sentence) => {
    const customer = new Customer(shop);
    const { status, text } = await customer.submit("/cart", { sku: "rope", quantity });
    expect(status).toBe(422);
    expect(text).toContain(`<p class="error" id="quantity-error">${sentence}</p>`);
    expect(wrongField(text)).toContain(`value="${quantity}"`);
    expect(wrongField(text)).toMatch(/aria-describedby="quantity-error"\s+autofocus/);
    expect(await customer.cart()).toEqual({});
  });

  it.each([
    ["-1", "-1 is too few: at least 0."],
    ["1.5", "1.5 is not possible: whole pieces only."],
    ["1000", "1000 is too many: at most 999 of a thing."],
    ['"><b>lots', "“&quot;&gt;&lt;b&gt;lots” is not a whole number."],
  ])("a change to %j is refused in its own line, which keeps it", async (quantity, sentence) => {
    const customer = new Customer(shop);
    await customer.submit("/cart", { sku: "mug", quantity: 2 });
    await customer.submit("/cart", { sku: "rope", quantity: 1 });
    const { status, text } = await customer.submit("/cart/rope", { quantity });
    expect(status).toBe(422);
    expect(errorsIn(text)).toEqual(["quantity-rope-error"]);
    expect(text).toContain(`>${sentence}</p>`);
    expect(wrongField(text)).toContain(`value="${quantity.replace('"><b>', "&quot;&gt;&lt;b&gt;")}"`);
    expect(wrongField(text)).toMatch(/aria-describedby="quantity-rope-error"\s+autofocus/);
    expect(await customer.cart()).toEqual({ mug: 2, rope: 1 });
    expect((await customer.get("/cart/rope")).headers["location"]).toBe("/cart");
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
    expect(answers.find(({ status }) => status === 409)!.text).toContain("This name is taken");
  });

  it("a refused form shows the name again, the error beside its field, and never the password", async () => {
    const typed = { username: "Ada <3", email: "ada@<3", password: "short-1" };
    const { status, text } = await new Customer(shop).submit("/register", typed);
    expect(status).toBe(422);
    expect(text).toContain('value="Ada &lt;3"');
    expect(text).toContain('value="ada@&lt;3"');
    expect(text).toMatch(/aria-describedby="username-error username-hint"\s+aria-invalid="true"\s+autofocus/);
    expect(errorsIn(text)).toEqual(["username-error", "email-error", "password-error"]);
    expect(text).toContain("A user name cannot contain a space.");
    expect(text).toContain("An address cannot contain “&lt;”.");
    expect(text).toContain("This has 7 characters; a password needs at least 8.");
    expect(text.match(/autofocus/g)).toHaveLength(1);
    expect(text).not.toContain("short-1");
  });

  it.each([
    ["no name", { username: "" }, 400, "username-error"],
    ["no password", { password: "" }, 400, "password-error"],
    ["a password that everybody tries", { password: "password" }, 422, "password-error"],
    ["an enormous password", { password: "x".repeat(2000) }, 422, "password-error"],
    ["half an address", { email: "ada@" }, 422, "email-error"],
  ])("a registration with %s is refused beside its field", async (_, fields, expected, error) => {
    const customer = new Customer(shop);
    const good = { username: newName(), email: "", password: "correct horse" };
    const { status, text } = await customer.submit("/register", { ...good, ...fields });
    expect(status).toBe(expected);
    expect(errorsIn(text)).toEqual([error]);
    expect((await customer.get("/account")).status).toBe(303);
  });

  it("an e-mail address is of use at the next login, and belongs to one account", async () => {
    const [customer, other] = [new Customer(shop), new Customer(shop)];
    const [username, email] = [newName(), `${newName()}@example.org`];
    await customer.submit("/register", { username, email, password: "correct horse" });
    expect((await customer.get("/account")).text).toContain(`<dd>${email}</dd>`);
    await customer.submit("/logout", {});
    expect((await customer.logIn(email.toUpperCase())).status).toBe(303);
    expect((await customer.get("/account")).text).toContain(`<h1>${username}</h1>`);
    const taken = await other.submit("/register", { username: newName(), email, password: "correct horse" });
    expect([taken.status, errorsIn(taken.text)]).toEqual([409, ["email-error"]]);
  });

  it("only a visitor who wants to be remembered gets a cookie that outlives the browser", async () => {
    const customer = new Customer(shop);
    const name = newName();
    const expiry = (answer: Response) =>
      /connect\.sid=[^;]+;.*Expires=([^;]+)/.exec(String(answer.headers["set-cookie"]));
    expect(expiry(await customer.register(name))).toBeNull();
    const given = { username: name, password: "correct horse" };
    await customer.submit("/logout", {});
    await customer.get("/login");
    const remembered = await customer.submit("/login", { ...given, remember: "yes" });
    const days = (Date.parse(expiry(remembered)![1]!) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(30);
    const { text } = await customer.get("/account");
    expect(text).toContain('<span data-session="ttl">2592000</span>');
    await customer.submit("/logout", {});
    await customer.get("/login");
    const refused = await customer.submit("/login", { ...given, password: "wrong horse", remember: "yes" });
    expect(refused.text).toMatch(/name="remember"[^>]*checked/);
    expect((await customer.get("/login")).text).not.toMatch(/name="remember"[^>]*checked/);
  });

  it("a wrong password and an unknown name look the same", async () => {
    const customer = new Customer(shop);
    const name = newName();
    await customer.register(name);
    await customer.submit("/logout", {});
    await customer.get("/login");
    const wrong = await customer.submit("/login", { username: name, password: "wrong horse" });
    expect(wrong.text.match(/aria-describedby="form-error"\s+aria-invalid="true"/g)).toHaveLength(2);
    expect(wrong.text.match(/<input[^>]*autofocus/g)).toEqual([expect.stringContaining('name="username"')]);
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

describe("the account", () => {
  /** One account, logged in here and there. */
  async function twoDevices() {
    const [here, there] = [new Customer(shop), new Customer(shop)];
    const name = newName();
    await here.register(name);
    await there.logIn(name);
    return { name, here, there };
  }
  const isLoggedIn = async (customer: Customer) => (await customer.get("/account")).status === 200;
  const devicesIn = (text: string) =>
    text
      .match(/<ul class="devices">[^]*<\/ul>/)![0]
      .split("<li>")
      .slice(1);
  const idIn = (device: string) => /name="device" value="([^"]+)"/.exec(device)![1]!;

  it("shows where one is logged in: the browser, roughly where, since when, and which one is this", async () => {
    const name = newName();
    const [here, there] = [new Customer(shop), new Customer(shop)];
    await here.register(name);
    await there.get("/login");
    await there.submit("/login", { username: name, password: "correct horse" }, { "User-Agent": firefox });
    const [first, second, ...more] = devicesIn((await here.get("/account")).text);
    expect(more).toEqual([]);
    expect(first).toContain("This device");
    expect(first).not.toContain("<button");
    expect(second).not.toContain("This device");
    expect(second).toContain("Firefox on Linux");
    expect(second).toMatch(/Last seen <time datetime="20[^"]+Z">just now<\/time>, from 127\.0\.0\.\*/);
    expect(second).toMatch(/Logged in <time/);
  });

  it("ends one login, which is out at its next click; this one stays", async () => {
    const { here, there } = await twoDevices();
    const device = idIn(devicesIn((await here.get("/account")).text)[1]!);
    const ended = await here.submit("/account/devices/end", { device });
    expect([ended.status, ended.headers["location"]]).toEqual([303, "/account?ended"]);
    const { text } = await here.get("/account?ended");
    expect(text).toContain('role="status">That device is logged out.');
    expect(devicesIn(text)).toHaveLength(1);
    expect((await there.get("/account")).headers["location"]).toBe("/login?next=%2Faccount");
    const again = await here.submit("/account/devices/end", { device });
    expect([again.status, errorsIn(again.text)]).toEqual([404, ["devices-error"]]);
  });

  it("ends nobody else's login", async () => {
    const [{ here, there }, thief] = [await twoDevices(), new Customer(shop)];
    await thief.register(newName());
    const device = idIn(devicesIn((await here.get("/account")).text)[1]!);
    expect((await thief.submit("/account/devices/end", { device })).status).toBe(404);
    expect(await isLoggedIn(there)).toBe(true);
  });

  it("ends all others at once, and keeps the cart of this one", async () => {
    const { here, there } = await twoDevices();
    await here.submit("/cart", { sku: "rope", quantity: 2 });
    const answer = await here.submit("/account/devices/end-others", {});
    expect([answer.status, answer.headers["location"]]).toEqual([303, "/account?ended-others"]);
    const { text } = await here.get("/account?ended-others");
    expect(text).toContain('role="status">You are logged out everywhere else.');
    expect(text).not.toContain("Log out everywhere else");
    expect(await isLoggedIn(there)).toBe(false);
    expect(await here.cart()).toEqual({ rope: 2 });
  });

  it("takes a new password: everywhere else one is out, and the old one is worth nothing", async () => {
    const { name, here, there } = await twoDevices();
    await here.submit("/cart", { sku: "rope", quantity: 2 });
    const passwords = { current: "correct horse", password: "battery staple" };
    const answer = await here.submit("/account/password", passwords);
    expect([answer.status, answer.headers["location"]]).toEqual([303, "/account?changed"]);
    expect((await here.get("/account?changed")).text).toContain('role="status">Your password has been changed');
    expect(await here.cart()).toEqual({ rope: 2 });
    expect(await isLoggedIn(there)).toBe(false);
    expect((await there.logIn(name, "correct horse")).status).toBe(401);
    expect((await there.logIn(name, "battery staple")).status).toBe(303);
  });

  it.each([
    ["the wrong current one", { current: "wrong horse", password: "battery staple" }, 401, "current-error"],
    ["a short one", { current: "correct horse", password: "staple" }, 422, "password-error"],
    ["a common one", { current: "correct horse", password: "password" }, 422, "password-error"],
    ["nothing", { current: "", password: "" }, 400, "current-error password-error"],
  ])("a change of password with %s is refused beside its field", async (_, passwords, expected, errors) => {
    const { name, here, there } = await twoDevices();
    const { status, text } = await here.submit("/account/password", passwords);
    expect([status, errorsIn(text)]).toEqual([expected, errors.split(" ")]);
    for (const password of Object.values(passwords)) expect(text).not.toContain(`value="${password || " "}"`);
    // The page is the account's, whatever address the form was sent to.
    expect(text).toMatch(/href="\/account"\s+aria-current="page"/);
    expect(await isLoggedIn(there)).toBe(true);
    expect((await new Customer(shop).logIn(name)).status).toBe(303);
  });

  it.each(["/account/devices/end", "/account/devices/end-others", "/account/password"])(
    "whoever is not logged in any more and sends %s is asked to log in",
    async (path) => {
      const { here, there } = await twoDevices();
      await there.get("/account");
      await here.submit("/account/devices/end-others", {});
      const { status, text } = await there.submit(path, {
        device: "x",
        current: "correct horse",
        password: "a new one",
      });
      expect(status).toBe(401);
      expect(errorsIn(text)).toEqual(["form-error"]);
      expect(text).toContain('name="next" value="/account"');
    },
  );
});

describe("guessing", () => {
  it("a sixth wrong password is not looked at, and says how long to wait", async () => {
    const guarded = await startShop();
    try {
      const customer = new Customer(guarded);
      const guess = () => customer.submit("/login", { username: "Ada", password: "wrong horse" });
      for (let guesses = 0; guesses < 5; guesses++) {
        const { status, text } = await guess();
        expect(status).toBe(401);
        expect(text).toContain('aria-invalid="true"');
      }
      const { status, headers, text } = await guess();
      expect(status).toBe(429);
      expect(Number(headers["retry-after"])).toBeGreaterThan(800);
      expect(text).toContain("Please try again in 15 minutes.");
      expect(text).toContain('value="Ada"');
      expect(text).not.toContain("aria-invalid"); // nobody has looked at the fields
    } finally {
      await guarded.close();
    }
  });
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

  it("shows a login without what names it", async () => {
    const customer = new Customer(shop);
    const id = decodeURIComponent(cookieOf(await customer.register(newName()))!)
      .slice(2)
      .split(".")[0]!;
    const { login } = JSON.parse((await shop.client.get(`sess:${id}`))!) as { login: Record<string, string> };
    const page = await customer.get("/");
    const look = await customer.raw("get", "/session.json");
    expect(JSON.parse(look.body.value).login).toEqual({
      ...login,
      device: `${login["device"]!.slice(0, 4)}…`,
      epoch: `${login["epoch"]!.slice(0, 4)}…`,
    });
    for (const secret of [login["device"]!, login["epoch"]!])
      expect(page.text + look.text).not.toContain(secret.slice(0, 8));
  });

  it("the cost of a page is in its head, the save included", async () => {
    const customer = new Customer(shop);
    expect((await customer.get("/")).headers["server-timing"]).toMatch(
      /^redis;dur=[\d.]+;desc="1 1", total;dur=[\d.]+$/,
    );
    // A page view reads and writes: two commands, one after the other.
    await customer.get("/");
    expect((await customer.get("/")).headers["server-timing"]).toContain('desc="2 2"');
    // Whether a login holds is asked together with its session: no round trip more.
    const known = new Customer(shop);
    await known.register(newName());
    expect((await known.get("/")).headers["server-timing"]).toContain('desc="3 2"');
    // Looking is one read by the middleware and two commands that share a trip.
    expect((await customer.raw("get", "/session.json")).headers["server-timing"]).toContain('desc="3 2"');
  });

  it("a redirect goes out after its change was saved", async () => {
    const customer = new Customer(shop);
    const answer = await customer.submit("/cart", { sku: "rope", quantity: 1 });
    expect(answer.headers["server-timing"]).toContain('desc="2 2"');
  });
});
