/** Makes a waiting response look as if its head had been sent, and undoes that. */
import type { ServerResponse } from "node:http";

/** The property in which Node.js stores the head once it is formed. */
const headMark = "_header";

/** Whether the end of the response was called and waits. */
const heldEnd = Symbol("holdfast.heldEnd");

type Sealable = ServerResponse & { [headMark]?: unknown; [heldEnd]?: boolean };

export interface Seal {
  /** From now on the response looks complete. */
  end(): void;
  lift(): void;
}

const setters = ["setHeader", "setHeaders", "appendHeader", "removeHeader"] as const;

/** Makes the response look as if its head had been sent, so that no second response mixes with the waiting one. */
export function sealAnswer(res: Sealable): Seal {
  const headWasOut = res.headersSent;
  const { statusCode } = res;
  const statusMessage = hasStatusMessage(res) ? res.statusMessage : undefined;
  const refuse = () => {
    throw headersAreSent();
  };
  // For Node.js a string in place of null means that the head was sent. Much cheaper than new properties, which change
  // the response's hidden class in V8.
  const isMarkable = !headWasOut && res[headMark] === null && Object.hasOwn(res, headMark);
  const own = isMarkable ? [] : setters.map((name) => Object.getOwnPropertyDescriptor(res, name));
  if (isMarkable) res[headMark] = " ";
  else if (!headWasOut) {
    for (const name of setters) Object.defineProperty(res, name, { configurable: true, writable: true, value: refuse });
    Object.defineProperty(res, "headersSent", always);
  }
  let isLifted = false;
  let isEnded = false;
  /** What the response itself has under that name, which no response of Node.js has. */
  let ownEnd: PropertyDescriptor | undefined;
  return {
    end() {
      isEnded = true;
      res[heldEnd] = true;
      const end = Object.getOwnPropertyDescriptor(res, "writableEnded");
      if (end?.get === heldOrEnded.get) return;
      ownEnd = end;
      Object.defineProperty(res, "writableEnded", heldOrEnded);
    },
    lift() {
      if (isLifted) return;
      isLifted = true;
      if (isEnded) res[heldEnd] = false;
      if (ownEnd) Object.defineProperty(res, "writableEnded", ownEnd);
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
 * Stays on the response once it was needed: deleting a property would turn the response into a dictionary for V8, which
 * makes everything slower that Node.js does to send it.
 */
const heldOrEnded: PropertyDescriptor & ThisType<Sealable> = {
  configurable: true,
  get() {
    return this[heldEnd] === true || Reflect.get(Object.getPrototypeOf(this), "writableEnded", this);
  },
};

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
