/** What the environment says about this shop, checked. Pure. */
import { randomBytes } from "node:crypto";

/** A reason not to start: one sentence with its remedy, for whoever typed the command. */
export class StartError extends Error {
  override readonly name = "StartError";
}

export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly workers: number;
  readonly secret: string;
  /** Whether the secret was made here and now, and goes when the shop stops. */
  readonly secretIsRandom: boolean;
  /** Whether a Redis was named; if not, the shop brings its own. */
  readonly redisIsGiven: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws StartError when a variable cannot be used. An empty variable counts as absent. */
export function readSettings(env: Environment): Settings {
  const given = env["SESSION_SECRET"];
  if (!given && env["NODE_ENV"] === "production") {
    throw new StartError("SESSION_SECRET is missing. In production, set it to at least 32 random characters.");
  }
  return {
    port: wholeNumber(env, "PORT", 3000, 65_535, "a port from 1 to 65535, as PORT=3000"),
    host: env["HOST"] || "127.0.0.1",
    workers: wholeNumber(env, "WORKERS", 2, 64, "a number of processes from 1 to 64, as WORKERS=2"),
    secret: given || randomBytes(32).toString("base64url"),
    secretIsRandom: !given,
    redisIsGiven: ["REDIS_URL", "REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_DB"].some((name) => env[name]),
  };
}

function wholeNumber(env: Environment, name: string, otherwise: number, max: number, meant: string): number {
  const given = env[name];
  if (!given) return otherwise;
  const value = /^\d+$/.test(given.trim()) ? Number(given) : Number.NaN;
  if (value >= 1 && value <= max) return value;
  throw new StartError(`${name} is "${given.slice(0, 40)}", but must be ${meant}.`);
}
