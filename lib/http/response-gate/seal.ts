/** Makes a waiting response look as if its head had been sent, and undoes that. */
import type { ServerResponse } from "node:http";

/** The property in which Node.js stores the head once it is formed. */
const headMark = "_header";

/** Whether the end of this response waits. */
const endMark = Symbol("holdfast.ended");

type MarkedResponse = ServerResponse & { [endMark]?: boolean };

export interface Seal {
  /** From now on the response looks complete. */
  end(): void;
  lift(): void;
}

const setters = ["setHeader", "setHeaders", "appendHeader", "removeHeader"] as const;

/** Makes the response look as if its head had been sent, so that no second response mixes with the waiting one. */
export function sealAnswer(res: MarkedResponse & { [headMark]?: unknown }): Seal {
  const headWasOut = res.headersSent;
  const { statusCode } = res;
  const statusMessage = hasStatusMessage(res) ? res.statusMessage : undefined;
  const refuse = () => {
    throw headersAreSent();
  };
  const isMarkable = !headWasOut && markSent(res);
  const own = isMarkable ? [] : setters.map((name) => Object.getOwnPropertyDescriptor(res, name));
  if (!isMarkable && !headWasOut) {
    for (const name of setters) Object.defineProperty(res, name, { configurable: true, writable: true, value: refuse });
    Object.defineProperty(res, "headersSent", always);
  }
  let isLifted = false;
  let isEnded = false;
  return {
    end() {
      isEnded = true;
      if (isMarkable) markEnded(res);
      else Object.defineProperty(res, "writableEnded", always);
    },
    lift() {
      if (isLifted) return;
      isLifted = true;
      if (isEnded && isMarkable) res[endMark] = false;
      else if (isEnded) Reflect.deleteProperty(res, "writableEnded");
      if (headWasOut) return;
      if (isMarkable) res[headMark] = null;
      else {
        Reflect.deleteProperty(res, "headersSent");
        for (const [index, name] of setters.entries()) {
          const before = own[index];
          if (before) Object.defineProperty(res, name, before);
          else Reflect.deleteProperty(res, name);
        }
      }
      res.statusCode = statusCode;
      if (hasStatusMessage(res)) res.statusMessage = statusMessage!;
    },
  };
}

/**
 * For Node.js a string in place of null means that the head was sent. Much cheaper than new properties, which change the
 * response's hidden class in V8. Returns whether that is how this response knows: Bun has the property, and `headersSent`
 * does not go by it.
 */
function markSent(res: MarkedResponse & { [headMark]?: unknown }): boolean {
  if (res[headMark] !== null || !Object.hasOwn(res, headMark)) return false;
  res[headMark] = " ";
  if (res.headersSent) return true;
  res[headMark] = null;
  return false;
}

/** Stays on a response that has waited, because a deleted property makes all later accesses to it slower. */
const ended: PropertyDescriptor & ThisType<MarkedResponse> = {
  configurable: true,
  get() {
    return this[endMark] === true || this.finished; // which is what Node.js returns
  },
};

function markEnded(res: MarkedResponse): void {
  const isFirst = res[endMark] === undefined;
  res[endMark] = true;
  if (isFirst) Object.defineProperty(res, "writableEnded", ended);
}

const always: PropertyDescriptor = { configurable: true, get: () => true };

export function headersAreSent(): Error {
  return Object.assign(new Error("Cannot set headers after they are sent to the client"), {
    code: "ERR_HTTP_HEADERS_SENT",
  });
}

/** HTTP/2 has none, and emits a warning when it is read. */
export function hasStatusMessage(res: ServerResponse): boolean {
  return !(res.req?.httpVersionMajor >= 2);
}
