/** The shop's settings, read from the environment and validated. Pure. */
import { randomBytes } from "node:crypto";

/** A reason not to start: one sentence, with the solution, for the user who typed the command. */
export class StartError extends Error {
  override readonly name = "StartError";
}

export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly workers: number;
  readonly secret: string;
  /** Whether the secret was generated for this run, and is lost when the shop stops. */
  readonly secretIsRandom: boolean;
  /** Whether a Redis is configured; if not, the shop starts an embedded one. */
  readonly redisIsGiven: boolean;
  /** The shop starts on a database and migrates to Redis. */
  readonly legacy: boolean;
  /** The database, if one is configured; if not, the shop starts an embedded one. */
  readonly databaseUrl: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param args what follows `npm start --`
 * @throws StartError when a variable cannot be used. An empty variable counts as absent.
 */
export function readSettings(env: Environment, args: readonly string[] = []): Settings {
  const unknown = args.find((arg) => arg !== "--legacy");
  if (unknown !== undefined) {
    const known = "The only option is --legacy: npm start -- --legacy.";
    throw new StartError(`There is no option "${unknown.slice(0, 40)}". ${known}`);
  }
  const databaseUrl = env["DATABASE_URL"] || undefined;
  // npm keeps what is typed without `--` to itself, and leaves only this trace: npm start --legacy.
  const legacy = args.includes("--legacy") || env["npm_config_legacy"] === "true";
  if (legacy && databaseUrl !== undefined && !/^postgres(ql)?:\/\//i.test(databaseUrl)) {
    throw new StartError(
      "DATABASE_URL must begin with postgres://, such as DATABASE_URL=postgres://user@127.0.0.1/shop.",
    );
  }
  const given = env["SESSION_SECRET"];
  if (!given && env["NODE_ENV"] === "production") {
    throw new StartError("SESSION_SECRET is missing. In production, set it to at least 32 random characters.");
  }
  return {
    port: wholeNumber(env, "PORT", 3000, 65_535, "a port from 1 to 65535, such as PORT=3000"),
    host: env["HOST"] || "127.0.0.1",
    workers: wholeNumber(env, "WORKERS", 2, 64, "a number of processes from 1 to 64, such as WORKERS=2"),
    secret: given || randomBytes(32).toString("base64url"),
    secretIsRandom: !given,
    redisIsGiven: ["REDIS_URL", "REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_DB"].some((name) => env[name]),
    legacy,
    databaseUrl,
  };
}

function wholeNumber(env: Environment, name: string, otherwise: number, max: number, meant: string): number {
  const given = env[name];
  if (!given) return otherwise;
  const value = /^\d+$/.test(given.trim()) ? Number(given) : Number.NaN;
  if (value >= 1 && value <= max) return value;
  throw new StartError(`${name} is "${given.slice(0, 40)}", but must be ${meant}.`);
}
