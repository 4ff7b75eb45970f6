/** The page of the comparison; what it calls is in compare/. */
import { Router } from "express";
import { localOnly } from "../local-only.js";
import { compareHead, comparePage } from "../views/compare-page.js";
import { sendPage, type Shop } from "./context.js";

export function compareRoutes(shop: Shop): Router {
  const router = Router();
  router.get("/compare", localOnly, (req, res) => {
    const main = comparePage(shop.redisControl === undefined);
    sendPage(shop, req, res, { title: "Side by side", main, head: compareHead, isWide: true });
  });
  return router;
}
