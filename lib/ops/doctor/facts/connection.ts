/** What the client itself knows about its connection: nothing is sent. */
import { propertyOf } from "../../../errors/index.js";

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

/** The options of a connection, as `createClient` takes them. */
interface Seen {
  readonly options: unknown;
  readonly host: string | undefined;
}

/** @param node the client of one server, or the client of Sentinel or a pool */
export function connectionOf(node: unknown, host: string | undefined): ConnectionFacts {
  const seen: Seen = { options: propertyOf(node, "options"), host };
  const socket = propertyOf(seen.options, "socket");
  const isVisible = socket !== undefined;
  const at = seen.host ?? textOf(propertyOf(socket, "host")) ?? (isVisible ? "localhost" : undefined);
  const login = propertyOf(seen.options, "password") ?? propertyOf(seen.options, "credentialsProvider");
  return {
    tls: isVisible ? Boolean(propertyOf(socket, "tls")) : undefined,
    isLocal: typeof propertyOf(socket, "path") === "string" ? true : at === undefined ? undefined : isLoopback(at),
    hasPassword: isVisible ? Boolean(login) : undefined,
    user: textOf(propertyOf(seen.options, "username")) ?? "default",
    database: Number(propertyOf(seen.options, "database") ?? 0),
  };
}

export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1|\[::1\])$/i.test(host);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
