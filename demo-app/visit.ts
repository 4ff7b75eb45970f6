/** What the shop stores in a session, and how concurrent changes are merged. */
import { sum, type MergeRules } from "holdfast";
import { activityRules, type Activity } from "holdfast/auth";
import type { Cart } from "./cart.js";

declare module "holdfast" {
  interface HoldfastSession extends Activity {
    cart: Cart;
    /** The last one; `total` in cents. */
    checkout: { things: number; total: number };
  }
}

/** Counters add up, and the latest time wins; without a rule, the later request's value would win. */
const mergeRules: MergeRules = { ...activityRules, "cart.*.quantity": sum };

/** The options of the session store; a cart is kept for a day (in seconds) after the last visit. */
export const sessionSettings = { prefix: "sess:", ttl: 86_400, merge: mergeRules };

/** Lifetime in seconds of a session whose cookie never came back, so that a flood of such visitors clears by itself. */
export const firstVisitTtl = 300;
