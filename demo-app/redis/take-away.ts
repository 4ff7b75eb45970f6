/** Takes the embedded Redis away on purpose. Needs no session, because none can be read while Redis is away. */
import { Router } from "express";
import { sameOrigin } from "holdfast/auth";
import { localOnly } from "../local-only.js";
import { Refused } from "../refused.js";

/** What can be done to Redis. */
export interface RedisControl {
  /** Resolves once Redis no longer answers; it goes on by itself. */
  freeze(): Promise<void>;
  /** Resolves once a new Redis answers, with an empty memory. */
  restart(): Promise<void>;
}

/** @param control absent if the shop's Redis is not its own */
export function takeAway(control: RedisControl | undefined): Router {
  const router = Router();
  router.use(localOnly, sameOrigin());
  for (const action of ["freeze", "restart"] as const) {
    router.post(`/${action}.json`, async (_req, res) => {
      if (!control) throw new Refused(404, "The shop does this to its embedded Redis only.");
      await control[action]();
      res.json({});
    });
  }
  return router;
}
