/** The check-out: it says that nothing was sold, and empties the cart once, however often it is clicked. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Customer, startShop, type TestShop } from "../support/shop.js";

let shop: TestShop;
beforeAll(async () => {
  shop = await startShop({ throttle: false });
});
afterAll(() => shop.close());

/** Somebody who looks at their cart of two ropes and a mug, and what its form would send. */
async function atTheTill() {
  const customer = new Customer(shop);
  await customer.submit("/cart", { sku: "rope", quantity: 2 });
  await customer.submit("/cart", { sku: "mug", quantity: 1 });
  const { text } = await customer.get("/cart");
  const cart = /name="cart" value="([^"]+)"/.exec(text)![1]!;
  return { customer, checkOut: () => customer.submit("/checkout", { cart }) };
}

it("one save empties the cart, and the page says that nothing was sold", async () => {
  const { customer, checkOut } = await atTheTill();
  await customer.register("till-1");
  const answer = await checkOut();
  expect([answer.status, answer.headers["location"]]).toEqual([303, "/checkout"]);
  // The session and the login are read together, and then there is one save.
  expect(answer.headers["server-timing"]).toContain('desc="3 2"');
  const { status, text } = await customer.get("/checkout");
  expect(status).toBe(200);
  expect(text).toContain("<h1>Nothing was sold</h1>");
  expect(text).toContain("the 3 things for €97.50 will not be sent");
  expect(text).toContain("You are still logged in");
  expect(await customer.cart()).toEqual({});
  expect((await customer.get("/cart")).text).toContain("Nothing in it yet");
});

it("of two clicks, at once or one after the other, the second changes nothing and leads to the same page", async () => {
  const { customer, checkOut } = await atTheTill();
  const answers = [...(await Promise.all([checkOut(), checkOut()])), await checkOut()];
  for (const { status, headers } of answers) expect([status, headers["location"]]).toEqual([303, "/checkout"]);
  expect((await customer.get("/checkout")).text).toContain("the 3 things for €97.50");
  expect(await customer.cart()).toEqual({});
});

it("what another tab adds at the same moment stays in the cart", async () => {
  const { customer, checkOut } = await atTheTill();
  const [added, checkedOut] = await Promise.all([
    customer.raw("post", "/cart/items.json").set("X-CSRF-Token", customer.token).send({ sku: "twine", quantity: 1 }),
    checkOut(),
  ]);
  expect([added.status, checkedOut.headers["location"]]).toEqual([200, "/checkout"]);
  expect(await customer.cart()).toEqual({ twine: 1 });
});

it("a cart that has changed since it was looked at is shown again, and kept", async () => {
  const { customer, checkOut } = await atTheTill();
  await customer.submit("/cart", { sku: "anchor", quantity: 1 });
  const { status, text } = await checkOut();
  expect(status).toBe(409);
  expect(text).toMatch(
    /id="cart-error" role="alert"[^>]*autofocus\s*>\s*Your cart has changed since this page was made/,
  );
  expect(await customer.cart()).toEqual({ rope: 2, mug: 1, anchor: 1 });
});

it("without a cart there is nothing to check out", async () => {
  const customer = new Customer(shop);
  await customer.get("/");
  expect((await customer.submit("/checkout", {})).headers["location"]).toBe("/cart");
  expect((await customer.get("/checkout")).headers["location"]).toBe("/cart");
});
