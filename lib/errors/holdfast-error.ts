/** The one error class: a stable code, and a message that says what happened, why, and what to do. */
import type { Code } from "./codes.js";
import type { FailureReason } from "./failure-reason.js";
import { helpFor } from "./help.js";

/** Marks errors of this package. All copies of the package share this symbol. */
const brand = Symbol.for("holdfast.error");

export interface HoldfastErrorOptions {
  /** The underlying error, for logs. @default none */
  cause?: unknown;
  /** The HTTP status that Express responds with. @default 500 */
  status?: number | undefined;
  /** Response headers that Express' error handler sends, such as `{ "Retry-After": "1" }`. @default {} */
  headers?: Record<string, string> | undefined;
  /** Why Redis could not be used. @default the `reason` of `cause` */
  reason?: FailureReason | undefined;
}

/**
 * An error of this package. `code` is stable and has a section in docs/errors.md; Express' error handler reads `status`
 * and `headers`. No message contains a session id, a password or a secret.
 *
 * @example
 * app.use((error, req, res, next) => {
 *   if (!HoldfastError.is(error)) return next(error);
 *   res.status(error.status).set(error.headers).send("Please try again in a moment.");
 * });
 */
export class HoldfastError extends Error {
  override readonly name = "HoldfastError";
  /** Stable; each has a section in docs/errors.md. */
  readonly code: Code;
  /** The URL of the section that explains `code`, on the documentation site. docs/errors.md has the same text. */
  readonly help: string;
  /** The HTTP status that Express responds with. */
  readonly status: number;
  /** The same as `status`, under the name that Nest, Fastify and others read. */
  readonly statusCode: number;
  /** False: the message is for logs. Named as in `http-errors`; Koa and Nest 12 read it. */
  readonly expose: boolean = false;
  /** Response headers that Express' error handler sends. */
  readonly headers: Record<string, string>;
  /** Why Redis could not be used; `undefined` if the error has nothing to do with Redis. See docs/errors.md. */
  readonly reason: FailureReason | undefined;

  constructor(code: Code, message: string, options: HoldfastErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.help = helpFor(code);
    this.status = this.statusCode = options.status ?? 500;
    this.headers = options.headers ?? {};
    this.reason = options.reason ?? (HoldfastError.is(options.cause) ? options.cause.reason : undefined);
    Object.defineProperty(this, brand, { value: true });
  }

  /**
   * Whether `error` comes from this package, whichever copy of it. `instanceof` fails if an app has two copies: two
   * versions in `node_modules`, or one inside a bundle and one outside.
   *
   * @example
   * if (HoldfastError.is(error) && error.code === "SESSION_TOO_LARGE") console.warn(error.message, error.help);
   */
  static is(error: unknown): error is HoldfastError {
    return typeof error === "object" && error !== null && brand in error && error[brand] === true;
  }
}
