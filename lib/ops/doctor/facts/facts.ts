/** Everything that the checks look at, collected before any of them runs. */
import type { Feature, KeyPlaces } from "../rights.js";
import type { Answer } from "./answer.js";
import type { AclFacts } from "./acl.js";
import type { ConnectionFacts } from "./connection.js";
import type { KeyFacts } from "./keys.js";
import type { MoveFacts } from "./move.js";
import type { SentinelFacts } from "./sentinel.js";
import type { Info, SlowCommand } from "./server.js";
import type { RoundTrips } from "./round-trips.js";

/** What is known about one server. */
export interface NodeFacts {
  /** `host:port`, or `Redis` if that is not known. */
  readonly name: string;
  readonly connection: ConnectionFacts;
  readonly roundTrips: RoundTrips;
  readonly info: Answer<Info>;
  /** A setting by its name; `requirepass` is never read. */
  config(name: string): Answer<string>;
  readonly acl: AclFacts;
  readonly slow: Answer<readonly SlowCommand[]>;
  readonly keys: KeyFacts;
  /** A question that got no answer in time, after others had been answered. */
  readonly silence: string | undefined;
}

export interface Facts {
  readonly kind: "single" | "pool" | "sentinel" | "cluster";
  readonly nodes: readonly NodeFacts[];
  readonly places: KeyPlaces;
  /** The names of the keys in `SESSION_ENCRYPTION_KEY`; `undefined` if there are none. */
  readonly encryptionKeys: readonly string[] | undefined;
  /** What the app uses, as far as it can be seen or was said. */
  readonly uses: readonly Feature[];
  readonly move: Answer<MoveFacts>;
  /** Absent if the sentinels' addresses were not given. */
  readonly sentinel: SentinelFacts | undefined;
  /** CLUSTER INFO, from any server; absent without a cluster. */
  readonly cluster: Answer<Info> | undefined;
}
