/** Whether Redis answers, and whether it is still the one from before: asked by every open page, without a session. */
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Request, Response } from "express";
import { health, type Observable } from "holdfast/ops";
import type { RedisClientType } from "redis";

/** Milliseconds that Redis has to answer. */
const timeout = 1000;

interface RedisState {
  readonly answers: boolean;
  /** Changes when Redis is restarted; absent if it does not tell. */
  readonly run?: string;
  /** Sessions are in memory only: a restart ends them all. */
  readonly isMemoryOnly: boolean;
}

export function redisState(sessions: Observable, redis: RedisClientType, isMemoryOnly: boolean) {
  const { check } = health(sessions, { timeout });
  return async function sendState(_req: Request, res: Response): Promise<void> {
    const answers = (await check()).status === "ok";
    const run = answers ? await runOf(redis) : undefined;
    // Always 200: browsers log any other status as an error of the page.
    res.json({ answers, ...(run !== undefined && { run }), isMemoryOnly } satisfies RedisState);
  };
}

async function runOf(redis: RedisClientType): Promise<string | undefined> {
  const asked = redis.info("server").catch(() => ""); // an ACL may forbid it
  const run = /^run_id:(\w+)/m.exec(await Promise.race([asked, delay(timeout, "", { ref: false })]))?.[1];
  return run && createHash("sha256").update(run).digest("hex").slice(0, 16);
}
