/** Nothing of this module may serve visitors: sessions end with the process, and anybody can be logged in. */
import { codes, HoldfastError } from "../errors/index.js";

/** @throws HoldfastError `HOLDFAST_TESTING_IN_PRODUCTION` */
export function refuseInProduction(what: string): void {
  if (process.env["NODE_ENV"] !== "production") return;
  throw new HoldfastError(
    codes.TESTING_IN_PRODUCTION,
    `${what} of holdfast/testing was called although NODE_ENV is "production". It keeps sessions in this process's ` +
      "memory and logs in whom it is told to, without a password. Use redisSession() here; in tests, set NODE_ENV to " +
      '"test".',
  );
}
