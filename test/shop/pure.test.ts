/** The shop's pure parts: cart, money, times, escaping, settings. */
import { describe, expect, it } from "vitest";
import { addToCart, cartCount, cartLines, cartTotal, money, quantityOf, setQuantity } from "../../demo-app/cart.js";
import { html, trusted } from "../../demo-app/html.js";
import { findProduct, products } from "../../demo-app/products.js";
import { readSettings } from "../../demo-app/settings.js";
import { ago, timeLeft, waitingTime } from "../../demo-app/times.js";
import { drawing } from "../../demo-app/views/drawings.js";

describe("the cart", () => {
  it("adds up quantities and leaves the cart it was given alone", () => {
    const before = { rope: { quantity: 1 } };
    expect(addToCart(before, "rope", 2)).toEqual({ rope: { quantity: 3 } });
    expect(addToCart(before, "mug", 1)).toEqual({ rope: { quantity: 1 }, mug: { quantity: 1 } });
    expect(before).toEqual({ rope: { quantity: 1 } });
    expect(addToCart(undefined, "mug", 1)).toEqual({ mug: { quantity: 1 } });
  });

  it("a quantity of none removes the line", () => {
    expect(setQuantity({ rope: { quantity: 1 }, mug: { quantity: 1 } }, "rope", 0)).toEqual({ mug: { quantity: 1 } });
  });

  it("holds at most 999 of a thing", () => {
    expect(quantityOf(addToCart({ rope: { quantity: 990 } }, "rope", 20), "rope")).toBe(999);
  });

  it("counts and sums in cents, and leaves out what the shop no longer has", () => {
    const cart = { rope: { quantity: 2 }, twine: { quantity: 3 }, gone: { quantity: 5 } };
    expect(cartCount(cart)).toBe(5);
    expect(cartTotal(cart)).toBe(2 * findProduct("rope")!.price + 3 * findProduct("twine")!.price);
    expect(cartLines(undefined)).toEqual([]);
  });

  it("is not fooled by names that every object has", () => {
    expect(quantityOf({}, "constructor")).toBe(0);
    expect(findProduct("__proto__")).toBeUndefined();
  });

  it.each([
    [0, "€0.00"],
    [5, "€0.05"],
    [4250, "€42.50"],
    [123_456_789, "€1,234,567.89"],
  ])("%i cents are %s", (cents, shown) => expect(money(cents)).toBe(shown));

  it("every product has a price in whole cents and a drawing of its own", () => {
    for (const { price } of products) expect(Number.isInteger(price)).toBe(true);
    const drawings = products.map(({ sku }) => drawing(sku).toString());
    expect(new Set(drawings).size).toBe(products.length);
    for (const svg of drawings) expect(svg).toMatch(/<(path|circle|rect)/);
  });
});

describe("times", () => {
  const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];

  it.each([
    [0, "just now"],
    [-5000, "just now"],
    [minute - 1, "just now"],
    [minute, "1 minute ago"],
    [hour - 1, "59 minutes ago"],
    [2 * hour + 5, "2 hours ago"],
    [day - 1, "23 hours ago"],
    [29 * day, "29 days ago"],
  ])("%i ms ago is %s", (elapsed, words) => expect(ago(1_790_000_000_000 - elapsed, 1_790_000_000_000)).toBe(words));

  it.each([
    [1, "1 second"],
    [119, "119 seconds"],
    [120, "2 minutes"],
    [841, "15 minutes"],
    [3600, "60 minutes"],
  ])("%i seconds to wait are %s", (seconds, words) => expect(waitingTime(seconds)).toBe(words));

  it.each([
    [1, "1 second left"],
    [119, "119 seconds left"],
    [120, "2 minutes left"],
    [300, "5 minutes left"],
    [3600, "1 hour left"],
    [80_000, "22 hours left"],
    [86_399, "1 day left"],
    [2_592_000, "30 days left"],
  ])("%i seconds of life are %s", (seconds, words) => expect(timeLeft(seconds)).toBe(words));
});

describe("html", () => {
  it("escapes what is put in, in text and in attributes", () => {
    const nasty = `<script>alert("1")</script>&'`;
    expect(html`<p title="${nasty}">${nasty}</p>`.toString()).toBe(
      `<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;">` +
        `&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;</p>`,
    );
  });

  it("takes its own pieces, lists of them, and nothing as they are", () => {
    expect(
      html`${html`<b>${1}</b>`}${[html`<i></i>`, "<"]}${false}${null}${undefined}${trusted("<hr>")}`.toString(),
    ).toBe("<b>1</b><i></i>&lt;<hr>");
  });

  it("does not take an object that only looks like a piece of HTML", () => {
    const forged = JSON.parse('{"toString":"<script>"}') as never;
    expect(() => html`${forged}`.toString()).toThrow(TypeError);
  });
});

describe("settings", () => {
  it("have defaults, and an empty variable is an absent one", () => {
    const settings = readSettings({ PORT: "", REDIS_URL: "", SESSION_SECRET: "" });
    expect(settings).toMatchObject({
      port: 3000,
      host: "127.0.0.1",
      workers: 2,
      secretIsRandom: true,
      redisIsGiven: false,
    });
    expect(settings.secret.length).toBeGreaterThan(32);
  });

  it("npm start --legacy, without the two dashes that npm asks for, is understood", () => {
    expect(readSettings({ npm_config_legacy: "true" }).legacy).toBe(true);
    expect(readSettings({ npm_config_legacy: "" }).legacy).toBe(false);
  });

  it.each(["abc", "0", "65536", "-1", "3000.5", "0x50", "1e3"])("PORT=%s is refused in words", (PORT) => {
    expect(() => readSettings({ PORT })).toThrow(
      `PORT is "${PORT}", but must be a port from 1 to 65535, such as PORT=3000.`,
    );
  });

  it.each(["REDIS_URL", "REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_DB"])("%s names a Redis", (name) => {
    expect(readSettings({ [name]: "1" }).redisIsGiven).toBe(true);
  });

  it("production needs a secret", () => {
    expect(() => readSettings({ NODE_ENV: "production" })).toThrow("SESSION_SECRET is missing");
  });
});
