/** Where Redis is: one server, Sentinel or Cluster, with or without TLS; from the options or the environment. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { Command } from "commander";
import type {
  RedisConnectionOptions,
  RedisNodeAddress,
  RedisTlsOptions,
} from "../../redis/connection/connection-options.js";
import { UsageError } from "../failure.js";

export interface RedisPlaces {
  redis?: string;
  sentinel?: string;
  cluster?: string;
  tls?: boolean;
  tlsCa?: string;
  tlsCert?: string;
  tlsKey?: string;
  tlsServername?: string;
}

type Environment = Record<string, string | undefined>;

/**
 * `--redis`, `--sentinel` or `--cluster` on the command line overrides the others in the environment. There, an empty
 * variable counts as absent, as REDIS_URL does.
 */
export function chosenPlaces<P extends RedisPlaces>(places: P, command: Command): P {
  const kinds = ["redis", "sentinel", "cluster"] as const;
  const isTyped = (kind: (typeof kinds)[number]) => command.getOptionValueSource(kind) === "cli";
  const chosen = { ...places };
  for (const name in chosen)
    if (chosen[name] === "" && command.getOptionValueSource(name) === "env") delete chosen[name];
  if (!kinds.some(isTyped)) return chosen;
  for (const kind of kinds) if (!isTyped(kind)) delete chosen[kind];
  return chosen;
}

/** Credentials only come from the environment: every user of the machine can read a command line. */
export function redisOptions(places: RedisPlaces, env: Environment = process.env): RedisConnectionOptions {
  const { redis, sentinel, cluster } = places;
  if ([redis, sentinel, cluster].filter((given) => given !== undefined).length > 1)
    throw new UsageError("--redis, --sentinel and --cluster cannot be combined; use one of them.");
  const tls = tlsOf(places);
  const login = definedOf({ username: env["REDIS_USERNAME"], password: env["REDIS_PASSWORD"] });
  if (sentinel !== undefined) {
    const [name, nodes] = sentinelOf(sentinel);
    const own = { sentinelUsername: env["REDIS_SENTINEL_USERNAME"], sentinelPassword: env["REDIS_SENTINEL_PASSWORD"] };
    return { sentinel: { name, nodes, ...login, ...definedOf(own), ...(tls && { tls }) } };
  }
  if (cluster !== undefined)
    return { cluster: { nodes: nodesOf("--cluster", cluster), ...login, ...(tls && { tls }) } };
  if (places.tls)
    throw new UsageError("--tls requires --sentinel or --cluster; for one server, use rediss:// in --redis.");
  return { ...(redis !== undefined && { url: redis }), ...(typeof tls === "object" && { tls }) };
}

/** `mymaster@10.0.0.1:26379,10.0.0.2:26379` */
function sentinelOf(text: string): [name: string, nodes: RedisNodeAddress[]] {
  const at = text.indexOf("@");
  if (at < 1) throw wrongNodes("--sentinel", text, "mymaster@10.0.0.1:26379,10.0.0.2:26379");
  return [text.slice(0, at), nodesOf("--sentinel", text.slice(at + 1))];
}

function nodesOf(option: string, text: string): RedisNodeAddress[] {
  return text.split(",").map((node) => {
    const [, host = "", port] = /^\s*(.+?):(\d+)\s*$/.exec(node) ?? [];
    if (host === "" || Number(port) < 1 || Number(port) > 65_535)
      throw wrongNodes(option, text, `${option === "--sentinel" ? "mymaster@" : ""}10.0.0.1:6379,10.0.0.2:6379`);
    return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
  });
}

function tlsOf({ tls, tlsCa, tlsCert, tlsKey, tlsServername }: RedisPlaces): RedisTlsOptions | true | undefined {
  const options = definedOf({
    ca: fileOf("--tls-ca", tlsCa),
    cert: fileOf("--tls-cert", tlsCert),
    key: fileOf("--tls-key", tlsKey),
    servername: tlsServername,
  });
  checkCertificates(options);
  return Object.keys(options).length > 0 ? options : tls ? true : undefined;
}

/** Checked early, so that the message names the option; later, it would look as if Redis refused the connection. */
function checkCertificates({ ca, cert, key }: { ca?: string; cert?: string; key?: string }): void {
  for (const [option, text] of [["--tls-ca", ca] as const, ["--tls-cert", cert] as const])
    if (text !== undefined && !isCertificate(text))
      throw new UsageError(`${option} names a file that is not a PEM certificate.`);
  if ((cert === undefined) !== (key === undefined))
    throw new UsageError("--tls-cert and --tls-key must be used together.");
  if (cert === undefined || key === undefined) return;
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw new UsageError(
      "--tls-key does not match --tls-cert, is not a PEM key, or is encrypted; --verbose shows why.",
      { cause },
    );
  }
}

function isCertificate(text: string): boolean {
  try {
    return Boolean(new X509Certificate(text));
  } catch {
    return false;
  }
}

function fileOf(option: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new UsageError(`${option} is "${path}", but there is no such file, or this user may not read it.`);
  }
}

function wrongNodes(option: string, text: string, example: string): UsageError {
  return new UsageError(`${option} is "${text}", but must look like ${example}.`);
}

function definedOf<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const defined: { [K in keyof T]?: NonNullable<T[K]> } = {};
  for (const key in values) {
    const value = values[key];
    if (value !== undefined && value !== null && value !== "") defined[key] = value;
  }
  return defined;
}
