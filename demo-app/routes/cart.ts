/** The cart: adding, changing, removing. */
import { setTimeout as delay } from "node:timers/promises";
import { Router, type Request } from "express";
import { addToCart, maxQuantity, quantityOf, setQuantity } from "../cart.js";
import { textField, wholeNumberField } from "../forms.js";
import { findProduct, type Product } from "../products.js";
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
    const quantity = wholeNumberField(req, "quantity", 1, 99);
    if (quantity === undefined) {
      const inCart = quantityOf(req.session.cart, product.sku);
      const main = productPage(product, inCart, shop.csrf.token(req), "A whole number from 1 to 99, please.");
      sendPage(shop, req, res.status(422), { title: product.name, main });
      return;
    }
    add(req, product, quantity);
    res.redirect(303, `/products/${product.sku}?added`);
  });

  // Called by the panel's twenty updates. It waits between reading and saving the session, as a slow page would.
  router.post("/cart/items.json", async (req, res) => {
    const product = productOf(textField(req, "sku"));
    const quantity = wholeNumberField(req, "quantity", 1, 99);
    if (quantity === undefined) throw new Refused(422, "The quantity must be a whole number from 1 to 99.");
    add(req, product, quantity);
    await delay(40);
    res.json({ sku: product.sku, added: quantity, worker: shop.sessionAtRest.worker });
  });

  router.post("/cart/:sku", (req, res) => {
    const product = productOf(req.params.sku);
    const remove = textField(req, "remove") !== "";
    const quantity = remove ? 0 : wholeNumberField(req, "quantity", 0, maxQuantity);
    if (quantity === undefined) {
      const typed = textField(req, "quantity").slice(0, 20);
      const error = { sku: product.sku, typed, sentence: `A whole number from 0 to ${maxQuantity}, please.` };
      sendPage(shop, req, res.status(422), {
        title: "Cart",
        main: cartPage(req.session.cart, shop.csrf.token(req), error),
      });
      return;
    }
    req.session.cart = setQuantity(req.session.cart, product.sku, quantity);
    res.redirect(303, "/cart");
  });

  return router;
}

function add(req: Request, product: Product, quantity: number): void {
  req.session.cart = addToCart(req.session.cart, product.sku, quantity);
}

function productOf(sku: string): Product {
  const product = findProduct(sku);
  if (!product) throw new Refused(404, "The shop does not sell that.");
  return product;
}
