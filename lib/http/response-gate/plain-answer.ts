/** Replaces a response that must not be sent: the error's status and headers, without anything of the original. */
import { STATUS_CODES, type ServerResponse } from "node:http";
import { propertyOf } from "../../errors/index.js";
import { hasStatusMessage } from "./seal.js";

/** Headers that describe the dropped response, and would be wrong for the error that replaces it. */
const names = "etag|last-modified|location|cache-control|expires|accept-ranges|transfer-encoding|trailer|refresh";
const describesTheAnswer = new RegExp(`^(content-(?!security-policy)|(${names})$)`);

/** Where Node.js, and Hono's server, note the length of a response before its head is formed. */
const lengthField = "_contentLength";

export function hasLength(res: ServerResponse): boolean {
  return typeof propertyOf(res, lengthField) === "number";
}

/** Removes what describes the dropped response. Sets the error's status, in case the app's error handler does not. */
export function clearAnswer(res: ServerResponse, error: unknown): void {
  if (hasLength(res)) Reflect.set(res, lengthField, null);
  for (const name of res.getHeaderNames?.() ?? []) if (describesTheAnswer.test(name)) res.removeHeader?.(name);
  res.addTrailers?.({}); // removes those that were added
  res.statusCode = statusOf(error);
  const answer: { statusMessage?: string | undefined } = res;
  if (hasStatusMessage(res)) answer.statusMessage = undefined; // Node.js then uses the standard one for the status
}

/** Whether a response has been started, or is no longer possible. */
function isAnswered(res: ServerResponse): boolean {
  return res.headersSent || res.writableEnded || res.destroyed || res.socket?.destroyed === true;
}

/**
 * Responds with the error's status, in plain text, unless a response has been started. Returns whether it did. Later
 * calls of the response's methods are ignored, because an error that they threw would not be handled.
 */
export function answerPlainly(res: ServerResponse, error: unknown): boolean {
  try {
    if (typeof res.end !== "function" || isAnswered(res)) return false; // not a real response
    clearAnswer(res, error);
    for (const [name, value] of Object.entries(headersOf(error))) res.setHeader(name, value);
    res.setHeader("Content-Type", "text/plain; charset=utf-8");
    res.end(`${STATUS_CODES[res.statusCode] ?? "Error"}\n`);
    silence(res);
  } catch {
    abortResponse(res);
  }
  return true;
}

/** Closes the connection, so that the client neither waits for the rest nor sees a success. Never throws. */
export function abortResponse(res: ServerResponse): void {
  try {
    if (typeof res.destroy === "function") res.destroy();
    else res.socket?.destroy();
  } catch {
    // There is nothing left to close.
  }
}

const silent = {
  setHeader: ignoreCall,
  setHeaders: ignoreCall,
  appendHeader: ignoreCall,
  removeHeader: ignoreCall,
  writeHead: ignoreCall,
  write: () => false,
  end: ignoreCall,
};

function ignoreCall(this: unknown): unknown {
  return this;
}

function silence(res: ServerResponse): void {
  Object.assign(res, silent);
}

function statusOf(error: unknown): number {
  const { status }: { status?: unknown } = Object(error);
  return typeof status === "number" && status >= 400 && status < 600 ? status : 500;
}

/** `setHeader` checks them. */
function headersOf(error: unknown): Record<string, string> {
  const headers = propertyOf(error, "headers");
  return typeof headers === "object" ? { ...headers } : {};
}
