/** What the client itself knows about its connection, as the checks look at it. Pure. */
import type { Connection } from "../../../redis/index.js";

export interface ConnectionFacts {
  /** `undefined`: not visible from outside, as with a pool. */
  readonly tls: boolean | undefined;
  /** Whether the server is on this machine. */
  readonly isLocal: boolean | undefined;
  /** Whether the client logs in. */
  readonly hasPassword: boolean | undefined;
  readonly user: string;
  readonly database: number;
}

export function connectionFacts({ database, hasPassword, host, path, tls, user }: Connection): ConnectionFacts {
  return {
    tls,
    isLocal: path !== undefined ? true : host === undefined ? undefined : isLoopback(host),
    hasPassword,
    user: user || "default",
    database,
  };
}

export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1|\[::1\])$/i.test(host);
}
