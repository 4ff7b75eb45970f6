/** Handlers for the probes of Kubernetes and load balancers: is this process alive, and can it serve sessions? */
import type { IncomingMessage, ServerResponse } from "node:http";
import { HoldfastError, setupInvalid, within, type FailureReason } from "../../errors/index.js";
import { targetOf, type Observable } from "../target.js";
import { probeOf } from "./probe.js";

export interface HealthOptions {
  /**
   * Milliseconds that `ready` waits for Redis at most.
   *
   * @default 1000
   */
  timeout?: number | undefined;
}

/** The JSON of both handlers. */
export interface HealthReport {
  /** `ok`, or `unavailable`: requests that need their session would fail. */
  readonly status: "ok" | "unavailable";
  /** Milliseconds that the check took. */
  readonly duration?: number | undefined;
  /** Why it is unavailable; see "Reasons" in docs/errors.md. */
  readonly reason?: FailureReason | undefined;
  /** The same in words, without addresses or secrets. */
  readonly message?: string | undefined;
}

type Handler = (req: IncomingMessage, res: ServerResponse) => void;

export interface Health {
  /** Always answers 200: the process handles requests. Restart the process only if this fails. */
  readonly live: Handler;
  /** Answers 200 if sessions can be read, else 503 with the reason. */
  readonly ready: Handler;
  /** What `ready` answers; never rejects. @example const { status, reason } = await health(sessions).check(); */
  check(): Promise<HealthReport>;
}

/**
 * Health checks for a session middleware, or for `{ store }`. Mount them before the middleware, so that they need no
 * session. During a move, `ready` checks each store that visitors depend on.
 *
 * @throws HoldfastError `HOLDFAST_OPTION_INVALID`
 *
 * @example
 * const { live, ready } = health(sessions, { timeout: 500 });
 * app.get("/live", live);
 * app.get("/ready", ready);
 */
export function health(sessions: Observable, { timeout = 1000 }: HealthOptions = {}): Health {
  const { store, redis } = targetOf(sessions);
  if (!(timeout > 0 && timeout < 2 ** 31)) throw setupInvalid("The option `timeout` must be a number of milliseconds.");
  const probe = probeOf(store, redis);

  const check = async (): Promise<HealthReport> => {
    const begun = performance.now();
    const result = await within(probe(), timeout).then(() => ({ status: "ok" }) as const, explained);
    return { ...result, duration: Math.round(performance.now() - begun) };
  };
  return {
    live: (_req, res) => answer(res, { status: "ok" }),
    ready: (_req, res) => void check().then((report) => answer(res, report)),
    check,
  };
}

function explained(error: unknown): HealthReport {
  if (HoldfastError.is(error)) {
    const { message, reason } = error;
    return { status: "unavailable", ...(reason && { reason }), message };
  }
  if (error instanceof Error && error.name === "TimeoutError")
    return { status: "unavailable", reason: "timeout", message: "The session store has not answered in time." };
  return { status: "unavailable", message: "The session store has failed." }; // whose message may contain an address
}

function answer(res: ServerResponse, report: HealthReport): void {
  const text = `${JSON.stringify(report)}\n`;
  res.statusCode = report.status === "ok" ? 200 : 503;
  res.setHeader("Content-Type", "application/json; charset=utf-8");
  res.setHeader("Cache-Control", "no-store");
  res.setHeader("Content-Length", Buffer.byteLength(text));
  res.end(text);
}
