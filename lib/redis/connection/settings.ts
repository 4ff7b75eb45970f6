/**
 * The address of Redis: from the options, else from the environment. Pure. No message contains any part of a password.
 */
import { isIP } from "node:net";
import { codes, HoldfastError } from "../../errors/index.js";

export interface RedisAddress {
  /** In the form that the client library expects. */
  readonly login: { readonly username?: string; readonly password?: string; readonly database?: number };
  readonly socket: RedisSocketAddress;
  /** The address without user and password, for messages. */
  readonly shown: string;
  /** Where it comes from: `url`, `REDIS_URL`, `REDIS_HOST` (or another of these variables) or `default`. */
  readonly from: "url" | "REDIS_URL" | "REDIS_HOST" | "default";
}

/** A host, or a socket file. Never a URL, because the client library would resolve an IPv6 address as a host name. */
export type RedisSocketAddress =
  | { readonly host: string; readonly port: number; readonly tls: boolean }
  | { readonly path: string; readonly tls: false };

/** The part of the client library that parses URLs. Not by way of a client: each kind of client costs much to define. */
export interface UrlParser {
  readonly RedisClient: { parseURL(url: string): Parsed };
}

type Environment = Record<string, string | undefined>;

/**
 * The address to connect to: `url`, else `REDIS_URL`, else `REDIS_HOST` / `REDIS_PORT` / `REDIS_USERNAME` /
 * `REDIS_PASSWORD` / `REDIS_DB`, else `redis://127.0.0.1:6379`. An empty variable counts as absent.
 *
 * @throws HoldfastError `HOLDFAST_REDIS_URL_INVALID`, in words, without the password
 */
export function resolveAddress(
  parser: UrlParser,
  url: string | null | undefined,
  env: Environment = process.env,
): RedisAddress {
  if (url != null) return { ...fromUrl(parser, url, "the option `url`"), from: "url" };
  if (env["REDIS_URL"]) return { ...fromUrl(parser, env["REDIS_URL"], "REDIS_URL"), from: "REDIS_URL" };
  const named = ["REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_DB"].some((name) => env[name]);
  return { ...fromParts(env), from: named ? "REDIS_HOST" : "default" };
}

// ---- a URL
// -----------------------------------------------------------------------------------------------------------

function fromUrl(parser: UrlParser, url: unknown, name: string): Omit<RedisAddress, "from"> {
  if (typeof url !== "string") throw invalid(name, "it is not a string");
  const address = url.trim();
  const scheme = /^(redis|rediss|unix):/i.exec(address)?.[1]!.toLowerCase();
  if (!scheme) throw invalid(name, "it does not begin with redis://, rediss:// or unix:///");
  const isSocketFile = scheme === "unix";
  if (!isSocketFile) checkUrl(address, name);
  const { socket, username, password, database } = parse(
    parser,
    isSocketFile ? `unix${address.slice(4)}` : address,
    name,
  );
  if (database !== undefined && !(Number.isInteger(database) && database >= 0)) throw invalid(name, noDatabase);
  const login = { ...(username && { username }), ...(password && { password }), ...(database && { database }) };
  const number = database === undefined ? "" : `/${database}`;
  if ("path" in socket) {
    const { path } = socket;
    // `unix://:a@/b@c` has either a password that was not encoded or a path with an "@", so it must not be shown. The
    // same goes for `unix://:a@/b?c@d`, in which the first "@" need not be the one that ends the password.
    if ((username || password) && (path.includes("@") || /[?#].*@/.test(address))) throw invalid(name, notEncoded);
    return { login, socket: { path, tls: false }, shown: `unix://${path}${database ? `?db=${database}` : ""}` };
  }
  const { host, port = 6379, tls } = socket;
  const at = { host: host || "127.0.0.1", port, tls };
  return { login, socket: at, shown: `${scheme}://${shownHost(at.host)}:${port}${number}` };
}

/** Catches what `URL` misreads: a character of the password that starts another part of the address. */
function checkUrl(address: string, name: string): void {
  let parsed: URL;
  try {
    parsed = new URL(address);
  } catch {
    throw invalid(name, "it is not a URL, or the password in it is not percent-encoded");
  }
  if ([parsed.pathname, parsed.search, parsed.hash].some((part) => part.includes("@"))) {
    throw invalid(name, notEncoded);
  }
  if (!/^\/?\d*$/.test(parsed.pathname)) throw invalid(name, noDatabase);
}

const notEncoded = "the user or the password in it is not percent-encoded (as encodeURIComponent() does it)";
const noDatabase = "what follows the last slash is not a database number";

interface Parsed {
  readonly socket: { host?: string; port?: number; tls: boolean } | { path: string };
  readonly username?: string;
  readonly password?: string;
  readonly database?: number;
}

/** Parsed by the client library itself. Its errors may contain the address, so they are replaced. */
function parse(parser: UrlParser, address: string, name: string): Parsed {
  try {
    return parser.RedisClient.parseURL(address);
  } catch {
    throw invalid(name, "the client library cannot read it; perhaps the password is not percent-encoded");
  }
}

// ---- variables
// -------------------------------------------------------------------------------------------------------

function fromParts(env: Environment): Omit<RedisAddress, "from"> {
  const service = serviceAt(env["REDIS_PORT"]);
  const given = env["REDIS_HOST"] || service?.host || "127.0.0.1";
  const [username, password, database] = [env["REDIS_USERNAME"], env["REDIS_PASSWORD"], env["REDIS_DB"] || "0"];
  if (!/^\d{1,9}$/.test(database)) throw invalid("REDIS_DB", "it is not a database number");
  const number = Number(database);
  const login = {
    ...(password && { password, ...(username && { username }) }),
    ...(number > 0 && { database: number }),
  };
  if (given.startsWith("/")) return { login, socket: { path: given, tls: false }, shown: `unix://${given}` };
  const host = hostIn(given);
  const port = service?.port ?? portIn(env["REDIS_PORT"] || "6379");
  return { login, socket: { host, port, tls: false }, shown: `redis://${shownHost(host)}:${port}/${number}` };
}

/** Kubernetes sets `REDIS_PORT=tcp://10.0.0.1:6379` if a service is called `redis`. */
function serviceAt(text: string | undefined): { host: string; port: number } | undefined {
  const match = /^tcp:\/\/(.+):(\d+)$/.exec(text ?? "");
  return match ? { host: hostIn(match[1]!), port: portIn(match[2]!) } : undefined;
}

function portIn(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw invalid("REDIS_PORT", "it is not a port number");
  return port;
}

function hostIn(text: string): string {
  const host = /^\[(.+)\]$/.exec(text)?.[1] ?? text;
  if (isIP(host) || /^[\p{L}\p{N}._-]+$/u.test(host)) return host;
  const isUrl = text.includes("://");
  throw invalid("REDIS_HOST", isUrl ? "it is a URL, which belongs in REDIS_URL" : "it is not a host name");
}

function shownHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function invalid(name: string, reason: string): HoldfastError {
  return new HoldfastError(
    codes.REDIS_URL_INVALID,
    `The address of Redis in ${name} cannot be used: ${reason}. Write it as redis://user:password@host:6379/0 ` +
      "(rediss:// for TLS, unix:///path?db=0 for a socket file).",
  );
}
