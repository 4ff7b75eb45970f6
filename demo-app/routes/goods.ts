/** Products: the list, and one of them. */
import { Router } from "express";
import { quantityOf } from "../cart.js";
import { html } from "../html.js";
import { findProduct, products } from "../products.js";
import { Refused } from "../refused.js";
import { goodsList, productPage } from "../views/goods.js";
import { sendPage, type Shop } from "./context.js";

export function goodsRoutes(shop: Shop): Router {
  const router = Router();

  router.get("/", (req, res) => {
    const notice = req.query["out"] !== undefined && "You are logged out.";
    sendPage(shop, req, res, { title: "Goods", main: goodsList(products), notice });
  });

  router.get("/products/:sku", (req, res) => {
    const product = findProduct(req.params.sku);
    if (!product) throw new Refused(404, "The shop does not sell that.");
    const inCart = quantityOf(req.session.cart, product.sku);
    const notice =
      req.query["added"] !== undefined && inCart > 0 && html`${product.name} is in your <a href="/cart">cart</a>.`;
    sendPage(shop, req, res, { title: product.name, main: productPage(product, inCart, shop.csrf.token(req)), notice });
  });

  return router;
}
