// Fills a Redis with sessions of 0.5 to 2.5 KB, as redis-cli --pipe wants them; each user has three.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { sampleSession } from "../session.mjs";

const maxAge = 86_400_000;

/** @param layout `json` or `hash` */
export async function fill(port, count, layout) {
  const cli = spawn("redis-cli", ["-p", String(port), "--pipe"], { stdio: ["pipe", "ignore", "inherit"] });
  for (let n = 1; n <= count; n++) {
    if (!cli.stdin.write(commands(n, layout))) await once(cli.stdin, "drain");
  }
  cli.stdin.end();
  const [code] = await once(cli, "close");
  if (code !== 0) throw new Error("redis-cli --pipe failed");
}

export const userOf = (n) => `u-${Math.ceil(n / 3)}`;

export function idOf(n) {
  return createHash("sha256").update(`session ${n}`).digest("base64url").slice(0, 32);
}

function commands(n, layout) {
  const idle = (n * 7919) % 80_000; // seconds
  const session = sessionOf(n, idle);
  const key = `sess:${idOf(n)}`;
  const life = String(86_400 - idle);
  if (layout === "json") return command("SET", key, JSON.stringify(session), "EX", life);
  const fields = Object.entries(session).flatMap(([name, value]) => [name, JSON.stringify(value)]);
  return command("HSET", key, ...fields) + command("EXPIRE", key, life);
}

/** Every third is small, as of a visitor who has just come; a third is full. */
function sessionOf(n, idle) {
  const expires = new Date(Date.now() + maxAge - idle * 1000).toISOString();
  const cookie = { originalMaxAge: maxAge, expires, httpOnly: true, path: "/" };
  const { cart, preferences, searches, csrfToken, recentlyViewed, addresses, ...rest } = sampleSession(n);
  const passport = { user: userOf(n) };
  if (n % 3 === 0) return { cookie, passport, cart: { items: cart.items.slice(0, 3) }, csrfToken };
  if (n % 3 === 1) return { cookie, ...rest, passport, cart, csrfToken };
  return { cookie, ...rest, passport, cart, preferences, searches, csrfToken, recentlyViewed, addresses };
}

function command(...parts) {
  return `*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join("")}`;
}
