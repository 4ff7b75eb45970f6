/** Wakes writers that wait for `drain` because the gate returned false to them. */
import type { ServerResponse } from "node:http";
import { isFunction, replaceable, type AnyFunction } from "./patch.js";

export interface Waker {
  /** Calls all listeners of `drain`. */
  wake(): void;
  /** No writer waits because of us, or all have been called. */
  stop(): void;
}

/** Compression in front of the gate keeps the listeners of `drain` and does not know that we told writers to wait. */
export function wakerOfWriters(res: ServerResponse): Waker {
  const methods = replaceable(res);
  const { on } = methods;
  let writers: AnyFunction[] | undefined = [];
  methods.on = function (...args: unknown[]) {
    if (args[0] === "drain" && isFunction(args[1])) writers?.push(args[1]);
    return on.apply(res, args);
  };
  return {
    wake() {
      for (const writer of writers ?? []) writer.call(res);
    },
    stop() {
      writers = undefined;
    },
  };
}
