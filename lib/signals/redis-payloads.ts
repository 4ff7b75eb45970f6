/** The payloads of the signals about Redis. */

/** What the signals about Redis have in common. */
export interface RedisSignal {
  /** The client, to tell several of them in one process apart. */
  readonly client: object;
}

export interface CommandSignal extends RedisSignal {
  /** Its name, such as `GET` or `EVALSHA`. */
  readonly command: string;
  /** Milliseconds until the reply, or until it failed. */
  readonly duration: number;
  /** What it failed with: an error reply, a lost connection, or no reply in time. */
  readonly error: unknown;
}

/** `silent`: Redis does not answer. `disconnected`: the connection is lost. */
export type OutageReason = "silent" | "disconnected";

export interface OutageBegun extends RedisSignal {
  readonly reason: OutageReason;
}

export interface OutageEnded extends RedisSignal {
  /** The last reason that there was. */
  readonly reason: OutageReason;
  /** Milliseconds that it lasted. */
  readonly duration: number;
}
