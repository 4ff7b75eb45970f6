/** The one error class: a stable code, and a message that says what happened, why, and what to do. */
import type { Code } from "./codes.js";

export interface HoldfastErrorOptions {
  /** The error underneath, for logs. */
  cause?: unknown;
  /** The HTTP status that Express answers with; default 500. */
  status?: number;
  /** Response headers that Express' error handler sends, as `{ "Retry-After": "1" }`. */
  headers?: Record<string, string>;
}

/**
 * An error of this package. `code` is stable and has a section in docs/errors.md; `status` and `headers` are what
 * Express' error handling reads. No message contains a session id, a password or a secret.
 */
export class HoldfastError extends Error {
  override readonly name = "HoldfastError";
  readonly code: Code;
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(code: Code, message: string, options: HoldfastErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status ?? 500;
    this.headers = options.headers ?? {};
  }
}
