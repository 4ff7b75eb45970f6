/** The cart: adding, changing, removing. */
import { setTimeout as delay } from "node:timers/promises";
import { Router, type Request } from "express";
import { addToCart, maxQuantity, quantityOf, setQuantity } from "../cart.js";
import { textField } from "../forms.js";
import { findProduct, type Product } from "../products.js";
import { readQuantity, type Quantity } from "../quantity.js";
import { Refused } from "../refused.js";
import { cartPage } from "../views/cart-page.js";
import { productPage } from "../views/goods.js";
import { sendPage, type Shop } from "./context.js";

export function cartRoutes(shop: Shop): Router {
  const router = Router();

  router.get("/cart", (req, res) => {
    sendPage(shop, req, res, { title: "Cart", main: cartPage(req.session.cart, shop.csrf.token(req)) });
  });

  router.post("/cart", (req, res) => {
    const product = productOf(textField(req, "sku"));
    const quantity = quantityToAdd(req);
    if ("problem" in quantity) {
      const inCart = quantityOf(req.session.cart, product.sku);
      const refused = { typed: textField(req, "quantity"), sentence: quantity.problem };
      const main = productPage(product, inCart, shop.csrf.token(req), refused);
      sendPage(shop, req, res.status(422), { title: product.name, path: `/products/${product.sku}`, main });
      return;
    }
    add(req, product, quantity.value);
    res.redirect(303, `/products/${product.sku}?added`);
  });

  // Called by the panel's twenty updates. It waits between reading and saving the session, as a slow page would.
  router.post("/cart/items.json", async (req, res) => {
    const product = productOf(textField(req, "sku"));
    const quantity = quantityToAdd(req);
    if ("problem" in quantity) throw new Refused(422, quantity.problem);
    add(req, product, quantity.value);
    await delay(40);
    res.json({ sku: product.sku, added: quantity.value, worker: shop.sessionAtRest.worker });
  });

  router.post("/cart/:sku", (req, res) => {
    const product = productOf(req.params.sku);
    const remove = textField(req, "remove") !== "";
    const typed = textField(req, "quantity");
    const quantity = remove ? { value: 0 } : readQuantity(typed, { min: 0, max: maxQuantity, most: "of a thing" });
    if ("problem" in quantity) {
      const refused = { sku: product.sku, typed, sentence: quantity.problem };
      const main = cartPage(req.session.cart, shop.csrf.token(req), { refused });
      sendPage(shop, req, res.status(422), { title: "Cart", path: "/cart", main });
      return;
    }
    req.session.cart = setQuantity(req.session.cart, product.sku, quantity.value);
    res.redirect(303, "/cart");
  });

  // The address of a refused form, typed or reloaded.
  router.get("/cart/:sku", (_req, res) => res.redirect(303, "/cart"));

  return router;
}

function quantityToAdd(req: Request): Quantity {
  return readQuantity(textField(req, "quantity"), { min: 1, max: 99, most: "at once" });
}

function add(req: Request, product: Product, quantity: number): void {
  req.session.cart = addToCart(req.session.cart, product.sku, quantity);
}

function productOf(sku: string): Product {
  const product = findProduct(sku);
  if (!product) throw new Refused(404, "The shop does not sell that.");
  return product;
}
