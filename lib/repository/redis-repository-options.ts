/** What the repository of sessions in Redis is made with. */
import type { SessionData } from "express-session";
import type { RedisClient } from "../redis/index.js";
import type { MergeRules } from "../session/index.js";
import type { NearCacheOptions } from "./cache/near-cache.js";
import type { HashIds } from "./keys/session-keys.js";
import type { Encryption } from "./packing.js";
import type { Serializer } from "./serializer.js";
import type { Durability } from "./session-commands.js";

/** Times are in seconds, except `commandTimeout`, which is in milliseconds. */
export interface RedisRepositoryOptions {
  readonly client: RedisClient;
  readonly prefix: string;
  readonly serializer: Serializer;
  readonly ttl: number | ((session: SessionData) => number);
  readonly layout: "json" | "hash";
  readonly scanCount: number;
  readonly disableTTL: boolean;
  readonly disableTouch: boolean;
  readonly touchInterval: number | undefined;
  readonly firstVisitTtl: number | undefined;
  readonly maxBytes: number | undefined;
  /** Bytes from which on a text is compressed; `undefined` for never. */
  readonly compress: number | undefined;
  readonly encryption: Encryption | undefined;
  readonly hashIds: HashIds;
  readonly commandTimeout: number | undefined;
  readonly nearCache: NearCacheOptions | undefined;
  readonly durability: Durability | undefined;
  readonly merge: MergeRules | undefined;
  /** A change was not written because its session is gone. */
  readonly onLost: (sid: string) => void;
  /** Redis holds something that is not a session. */
  readonly onUnreadable: (sid: string) => void;
}
