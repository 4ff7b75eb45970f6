/** Where Redis is: from the options, else from the environment. Pure. */
import { codes, HoldfastError } from "../errors/index.js";

export interface RedisAddress {
  /** As `redis://user:password@host:6379/0`; `rediss:` for TLS. */
  readonly url: string;
  /** The address without user and password, for messages. */
  readonly shown: string;
  /** What named it: `url`, `REDIS_URL`, `REDIS_HOST` or `default`. */
  readonly from: "url" | "REDIS_URL" | "REDIS_HOST" | "default";
}

type Environment = Record<string, string | undefined>;

/**
 * The address to connect to: `url`, else `REDIS_URL`, else `REDIS_HOST` / `REDIS_PORT` / `REDIS_USERNAME` /
 * `REDIS_PASSWORD` / `REDIS_DB`, else `redis://127.0.0.1:6379`. An empty variable counts as absent.
 *
 * @throws HoldfastError `HOLDFAST_REDIS_URL_INVALID`, in words, without the password
 */
export function resolveAddress(url: string | null | undefined, env: Environment = process.env): RedisAddress {
  if (url != null) return { ...checkedUrl(url, "the option `url`"), from: "url" };
  if (env["REDIS_URL"]) return { ...checkedUrl(env["REDIS_URL"], "REDIS_URL"), from: "REDIS_URL" };
  const named = ["REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_DB"].some((name) => env[name]);
  return { ...checkedUrl(urlFromParts(env), "the REDIS_* variables"), from: named ? "REDIS_HOST" : "default" };
}

function urlFromParts(env: Environment): string {
  const host = env["REDIS_HOST"] || "127.0.0.1";
  const port = env["REDIS_PORT"] || "6379";
  const user = encodeURIComponent(env["REDIS_USERNAME"] || "");
  const login = env["REDIS_PASSWORD"] ? `${user}:${encodeURIComponent(env["REDIS_PASSWORD"])}@` : "";
  if (!/^\d+$/.test(port)) throw invalid("REDIS_PORT", "it is not a port number");
  return `redis://${login}${host.includes(":") ? `[${host}]` : host}:${port}/${env["REDIS_DB"] || "0"}`;
}

function checkedUrl(url: string, name: string): Omit<RedisAddress, "from"> {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw invalid(name, "it is not a URL");
  }
  if (parsed.protocol !== "redis:" && parsed.protocol !== "rediss:") {
    throw invalid(name, `it begins with "${parsed.protocol}"`);
  }
  if (!/^\/?\d*$/.test(parsed.pathname)) throw invalid(name, "what follows the last slash is not a database number");
  const database = parsed.pathname.length > 1 ? parsed.pathname : "";
  return { url, shown: `${parsed.protocol}//${parsed.hostname || "127.0.0.1"}:${parsed.port || "6379"}${database}` };
}

function invalid(name: string, reason: string): HoldfastError {
  return new HoldfastError(
    codes.REDIS_URL_INVALID,
    `The address of Redis in ${name} cannot be used: ${reason}. Write it as redis://user:password@host:6379/0 (rediss:// for TLS).`,
  );
}
