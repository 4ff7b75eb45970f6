/** What the shop keeps in a session, and how two changes of it become one. */
import { sum, type MergeRules } from "holdfast";
import { activityRules } from "holdfast/auth";
import type { Cart } from "./cart.js";

declare module "express-session" {
  interface SessionData {
    cart: Cart;
  }
}

/** Counters add up, the latest time wins; without a rule the later request's value would stand. */
export const mergeRules: MergeRules = { ...activityRules, "cart.*.quantity": sum };

/** What the session store has to know; a cart stays for a day (in seconds) after the last visit. */
export const sessionSettings = { prefix: "sess:", ttl: 86_400, merge: mergeRules };
