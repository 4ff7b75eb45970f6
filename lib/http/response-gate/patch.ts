/** Replaces the methods of a response by the gate's, and puts them back once a response was dropped. */
import type { ServerResponse } from "node:http";
import type { Method } from "./states.js";

export type AnyFunction = (...args: unknown[]) => unknown;

export function isFunction(value: unknown): value is AnyFunction {
  return typeof value === "function";
}

/** `flush` is added by compression. */
export type Response = ServerResponse & { flush?: AnyFunction };

/** A response whose methods can be replaced: no replacement has the overloads that Node.js declares. */
export interface Replaceable {
  writeHead: AnyFunction;
  write: AnyFunction;
  end: AnyFunction;
  flushHeaders: AnyFunction;
  flush: AnyFunction;
  on: AnyFunction;
}

/** The same object; the one place that goes around the overloads. */
export function replaceable(res: ServerResponse): Replaceable {
  return res as unknown as Replaceable; // overloads cannot be assigned to one signature
}

/** The methods that the gate replaces, as they were before. */
export interface OriginalMethods {
  readonly writeHead: AnyFunction;
  readonly write: AnyFunction;
  readonly end: AnyFunction;
  readonly flushHeaders: AnyFunction;
  readonly flush: AnyFunction;
}

/** Receives every call. */
export interface CallReceiver {
  call(method: Method, args: unknown[]): unknown;
}

export function methodsOf(response: Response): OriginalMethods {
  const res = replaceable(response);
  return {
    writeHead: res.writeHead,
    write: res.write,
    end: res.end,
    flushHeaders: res.flushHeaders,
    flush: res.flush,
  };
}

/** Sends every call to the gate. */
export function patchMethods(response: Response, original: OriginalMethods, gate: CallReceiver): void {
  const res = replaceable(response);
  res.writeHead = function writeHead(...args: unknown[]) {
    return gate.call("writeHead", args.map(flattenPairs));
  };
  res.write = function write(...args: unknown[]) {
    return gate.call("write", args);
  };
  res.end = function end(...args: unknown[]) {
    return gate.call("end", args);
  };
  if (typeof original.flushHeaders === "function") {
    res.flushHeaders = function flushHeaders() {
      gate.call("flushHeaders", []);
    };
  }
  // For layers in front of the gate that buffer data themselves, such as compression.
  if (Object.hasOwn(res, "flush")) res.flush = () => gate.call("flush", []);
}

/** Bypasses layers that were installed after the gate, such as compression, and consider the response sent. */
export function restoreMethods(response: Response, original: OriginalMethods): void {
  const res = replaceable(response);
  res.writeHead = original.writeHead;
  if (original.flushHeaders) res.flushHeaders = original.flushHeaders;
  if (original.flush) res.flush = original.flush;
  res.write = function write(...args: unknown[]) {
    return response.writableEnded ? false : original.write.apply(res, args);
  };
  res.end = function end(...args: unknown[]) {
    return response.writableEnded ? res : original.end.apply(res, args);
  };
}

/** `[[name, value], ...]` as `[name, value, ...]`, in which on-headers keeps all lines of a repeated name. */
function flattenPairs(arg: unknown): unknown {
  return Array.isArray(arg) && Array.isArray(arg[0]) ? arg.flat() : arg;
}
