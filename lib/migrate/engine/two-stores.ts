/** Checks the two stores of a `MigratingStore`, and words their errors. */
import { codes, HoldfastError, propertyOf } from "../../errors/index.js";
import { RedisSessionStore, repositoryOf } from "../../express-session/index.js";
import type { StoreFacts } from "../state/move-record.js";

/** @throws HoldfastError `HOLDFAST_STORE_INVALID` */
export function checkStores(legacy: unknown, redis: unknown): void {
  const has = (name: string) => typeof propertyOf(legacy, name) === "function";
  if (!has("get") || !has("set") || !has("destroy")) {
    throw invalid("`legacy` must be the express-session store to move from, but it has no get, set and destroy.");
  }
  if (!(redis instanceof RedisSessionStore)) throw invalid("`redis` must be a RedisSessionStore from this package.");
  if (!repositoryOf(redis).keys.arePlain) {
    throw invalid(
      "`redis` has the option `hashIds`, and a hash cannot be compared with the ids in a database, or moved back there. " +
        "Finish the move without it, and switch it on when the app uses this store alone.",
    );
  }
}

export function cannot(method: string): HoldfastError {
  return invalid(`\`${method}\` is not available until the move is finished, because the legacy store lacks it.`);
}

export function unmirrored(cause: unknown): HoldfastError {
  return new HoldfastError(
    codes.STORE_UNAVAILABLE,
    "The session was saved in only one of the two stores, while its home is changing from one to the other. Try " +
      "again in a moment.",
    { status: 503, headers: { "Retry-After": "1" }, cause },
  );
}

/** The settings that the command needs to read and write the app's sessions in Redis. */
export function factsOf(store: RedisSessionStore): StoreFacts {
  const { prefix, layout, serializer, ttl, disableTTL } = store;
  return {
    prefix,
    layout,
    serializer: Object.is(serializer, JSON) ? "json" : "custom",
    ttl: typeof ttl === "number" ? ttl : null,
    disableTTL,
    encryption: repositoryOf(store).packing.encryption,
  };
}

function invalid(message: string): HoldfastError {
  return new HoldfastError(codes.STORE_INVALID, `MigratingStore: ${message}`);
}
