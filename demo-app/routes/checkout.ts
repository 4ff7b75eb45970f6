/** The check-out: nothing is sold, so all that it does is to empty the cart, with one save, and say so. */
import { Router } from "express";
import { cartCount, cartText, cartTotal } from "../cart.js";
import { textField } from "../forms.js";
import { cartPage } from "../views/cart-page.js";
import { checkoutPage } from "../views/checkout-page.js";
import { sendPage, userOf, type Shop } from "./context.js";

export function checkoutRoutes(shop: Shop): Router {
  const router = Router();

  router.post("/checkout", (req, res) => {
    const { cart, checkout } = req.session;
    const things = cartCount(cart);
    // A second click finds the cart empty, or emptied at the same moment: it leads to the same page.
    if (things === 0) return res.redirect(303, checkout ? "/checkout" : "/cart");
    if (textField(req, "cart") !== cartText(cart)) {
      const hasChanged = "Your cart has changed since this page was made, so nothing was done. Please look again.";
      const main = cartPage(cart, shop.csrf.token(req), { hasChanged });
      return sendPage(shop, req, res.status(409), { title: "Cart", path: "/cart", main });
    }
    req.session.checkout = { things, total: cartTotal(cart) };
    req.session.cart = {}; // merged line by line: what another tab adds meanwhile stays
    res.redirect(303, "/checkout");
  });

  router.get("/checkout", (req, res) => {
    const { checkout } = req.session;
    if (!checkout) return res.redirect(303, "/cart");
    const facts = { ...checkout, worker: shop.sessionAtRest.worker, isLoggedIn: userOf(req) !== undefined };
    sendPage(shop, req, res, { title: "Nothing was sold", main: checkoutPage(facts) });
  });

  return router;
}
