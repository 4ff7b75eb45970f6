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
