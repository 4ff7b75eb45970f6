/**
 * Holds an answer back until the session is saved, so that a success that the client sees was saved.
 *
 * The gate stands in front of `writeHead`, `write`, `end` and `flushHeaders`. The first of them asks `beforeHead`; if
 * that returns a promise, this and all further calls wait for it in order. Until then the answer looks as any answer
 * does whose head is out: `headersSent` is true, and its headers cannot be set any more. If the promise rejects, what
 * waited is dropped, what described it is cleared, and the error goes to Express' error handling, which can still
 * answer with any status. (An answer that is an error itself goes out as it is.) An answer whose head is out is asked
 * for once more, by `beforeEnd`, when it ends; if that rejects, the answer is broken off.
 */
import type { ServerResponse } from "node:http";
import onHeaders from "on-headers";

export interface GateKeeper {
  /** Called once, when the head is about to be formed. */
  beforeHead(): Promise<void> | undefined;
  /** Called when an answer ends whose head was formed earlier. */
  beforeEnd(): Promise<void> | undefined;
  /** Called when the head goes out: returns what adds to its headers, if anything does. */
  onHead(): ((res: ServerResponse) => void) | undefined;
  /** The answer that waited was dropped; the error is to be answered instead. */
  onFailure(error: unknown): void;
  /** The answer that waited claims no success (its status is 500 or more), so it goes out although nothing was saved. */
  onUnsaved(): void;
}

type Method = "writeHead" | "write" | "end" | "flushHeaders" | "flush";
type AnyFunction = (...args: unknown[]) => unknown;
type Call = { method: Method; args: unknown[] };

/** `flush` is what compression adds. */
type Response = ServerResponse & { flush?: AnyFunction };

/** Headers that belong to the answer that was dropped, and would be wrong on the error that replaces it. */
const describesTheAnswer =
  /^(content-(?!security-policy)|etag$|last-modified$|location$|cache-control$|expires$|accept-ranges$|transfer-encoding$|trailer$|refresh$)/;

export function installGate(res: Response, keeper: GateKeeper): void {
  const through = {
    writeHead: res.writeHead as AnyFunction,
    write: res.write as AnyFunction,
    end: res.end as AnyFunction,
    flushHeaders: res.flushHeaders,
    flush: res.flush as AnyFunction,
  };
  let state: "closed" | "holding" | "open" | "ended" | "dropped" = "closed";
  let waiting: Call[] = [];
  let seal: Seal | undefined;

  res.writeHead = function writeHead(...args: unknown[]) {
    return pass("writeHead", args.map(flattenPairs)) as ServerResponse;
  };
  res.write = function write(...args: unknown[]) {
    return pass("write", args) as boolean;
  } as typeof res.write;
  res.end = function end(...args: unknown[]) {
    return pass("end", args) as ServerResponse;
  } as typeof res.end;
  res.flushHeaders = function flushHeaders() {
    pass("flushHeaders", []);
  };
  // Layers in front of the gate (as compression) that keep something back themselves.
  if (Object.hasOwn(res, "flush")) res.flush = () => (state === "holding" ? enqueue("flush", []) : through.flush());
  let waker = Object.hasOwn(res, "on") ? wakerOfWriters(res) : undefined;

  function pass(method: Method, args: unknown[]): unknown {
    if (state === "closed") {
      // The head of an answer that something else began (a raw writeHead on an outer layer) cannot be held.
      const headIsFormed = res.headersSent;
      const hold = ask(headIsFormed ? keeper.beforeEnd : keeper.beforeHead);
      if (method === "end") state = "ended";
      else state = "open";
      if (hold) return wait(hold, method, args);
      waker?.stop();
    } else if (state === "open" && method === "end") {
      state = "ended";
      const hold = ask(keeper.beforeEnd);
      if (hold) return wait(hold, method, args);
    } else if (state === "holding") {
      if (method === "writeHead") throw headersAreSent();
      return enqueue(method, args);
    } else if (state === "dropped") {
      return method === "write" ? false : res; // what a layer behind the gate has left of the answer that was dropped
    }
    if (method !== "writeHead") return through[method].apply(res, args);
    const addTo = keeper.onHead();
    return (addTo ? withHeaders(addTo) : through.writeHead).apply(res, args);
  }

  /** on-headers reads the headers that are given to `writeHead` itself, too. */
  function withHeaders(addTo: (res: ServerResponse) => void): AnyFunction {
    const layer = { writeHead: through.writeHead } as unknown as ServerResponse;
    onHeaders(layer, () => addTo(res));
    return layer.writeHead as AnyFunction;
  }

  function ask(question: GateKeeper["beforeHead"]): Promise<void> | undefined {
    try {
      return question.call(keeper);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  function wait(hold: Promise<void>, method: Method, args: unknown[]): unknown {
    const resumed = state;
    state = "holding";
    seal = sealAnswer(res);
    const answer = enqueue(method, args);
    hold.then(
      () => release(resumed),
      (error: unknown) => fail(error),
    );
    return answer;
  }

  function enqueue(method: Method, args: unknown[]): unknown {
    const ended = waiting.some((call) => call.method === "end");
    if (!ended) waiting.push({ method, args });
    if (method === "end") seal?.end();
    return method === "write" ? false : res;
  }

  /** Lets go what waited; never throws. */
  function release(resumed: typeof state): void {
    seal?.lift();
    state = resumed;
    try {
      replay();
    } catch (error) {
      drop(error); // it cannot be sent, as a header with a line break: the app would have been told at once
    }
  }

  function replay(): void {
    const calls = waiting;
    waiting = [];
    let flowing: unknown = false;
    for (const [index, call] of calls.entries()) {
      const answer = pass(call.method, call.args);
      if (call.method === "write") flowing = answer;
      if (state === "holding") {
        waiting.push(...calls.slice(index + 1)); // an `end` that has to wait for a second save
        return;
      }
    }
    // We told the writer to wait, and nobody else will call it.
    if (flowing === true && state === "open") {
      res.emit("drain");
      waker?.wake();
    }
    waker?.stop();
    waker = undefined;
  }

  /** The save failed. */
  function fail(error: unknown): void {
    seal?.lift();
    if (res.headersSent || statusOf(waiting[0], res) < 500) return drop(error);
    keeper.onUnsaved();
    release("ended");
  }

  function drop(error: unknown): void {
    const headIsOut = res.headersSent;
    waiting = [];
    state = "dropped";
    waker?.stop();
    // Layers that were put on after the gate (as compression) believe that they have answered; go past them.
    res.writeHead = through.writeHead as typeof res.writeHead;
    res.flushHeaders = through.flushHeaders;
    if (through.flush) res.flush = through.flush;
    res.write = function write(...args: unknown[]) {
      return res.writableEnded ? false : through.write.apply(res, args);
    } as typeof res.write;
    res.end = function end(...args: unknown[]) {
      return res.writableEnded ? res : through.end.apply(res, args);
    } as typeof res.end;
    if (!headIsOut) clearAnswer(res, error);
    // Outside the promise: an app whose error handling throws must not become an unhandled rejection of ours.
    process.nextTick(() => {
      keeper.onFailure(error);
      if (headIsOut && !res.writableEnded) res.destroy(); // broken off, so that nobody takes it for a success
    });
  }
}

/** `[[name, value], ...]` as `[name, value, ...]`, of which on-headers keeps every line of a name that comes twice. */
function flattenPairs(arg: unknown): unknown {
  return Array.isArray(arg) && Array.isArray(arg[0]) ? arg.flat() : arg;
}

/** The status that the first of the waiting calls would send. */
function statusOf(call: Call | undefined, res: ServerResponse): number {
  return call?.method === "writeHead" ? Number(call.args[0]) : res.statusCode;
}

interface Waker {
  /** Calls everyone who waits for `drain`. */
  wake(): void;
  /** Nobody was told to wait by us, or those have been called. */
  stop(): void;
}

/** Compression in front of the gate keeps listeners of `drain` to itself, and does not know that we told writers to wait. */
function wakerOfWriters(res: ServerResponse): Waker {
  const on = res.on as AnyFunction;
  let writers: AnyFunction[] | undefined = [];
  res.on = function (...args: unknown[]) {
    if (args[0] === "drain") writers?.push(args[1] as AnyFunction);
    return on.apply(res, args);
  } as typeof res.on;
  return {
    wake() {
      for (const writer of writers ?? []) writer.call(res);
    },
    stop() {
      writers = undefined;
    },
  };
}

/** Where Node.js keeps the head once it is formed. */
const headMark = "_header";

interface Seal {
  /** From now on the answer looks as if it were complete. */
  end(): void;
  lift(): void;
}

const setters = ["setHeader", "setHeaders", "appendHeader", "removeHeader"] as const;

/** Makes the response look as if its head were out, so that no second answer mixes into the one that waits. */
function sealAnswer(res: ServerResponse): Seal {
  const headWasOut = res.headersSent;
  const { statusCode } = res;
  const statusMessage = hasStatusMessage(res) ? res.statusMessage : undefined;
  const refuse = () => {
    throw headersAreSent();
  };
  // Node.js' own mark of a head that is out: a string in place of null. Much cheaper than new properties, of which
  // V8 forgets what the response looks like.
  const mark = res as unknown as { [headMark]?: unknown };
  const isMarkable = !headWasOut && mark[headMark] === null && Object.hasOwn(res, headMark);
  const own = isMarkable ? [] : setters.map((name) => Object.getOwnPropertyDescriptor(res, name));
  if (isMarkable) mark[headMark] = " ";
  else if (!headWasOut) {
    for (const name of setters) Object.defineProperty(res, name, { configurable: true, writable: true, value: refuse });
    Object.defineProperty(res, "headersSent", always);
  }
  let isLifted = false;
  let isEnded = false;
  return {
    end() {
      isEnded = true;
      Object.defineProperty(res, "writableEnded", always);
    },
    lift() {
      if (isLifted) return;
      isLifted = true;
      if (isEnded) delete (res as { writableEnded?: boolean }).writableEnded;
      if (headWasOut) return;
      if (isMarkable) mark[headMark] = null;
      else {
        delete (res as { headersSent?: boolean }).headersSent;
        for (const [index, name] of setters.entries()) {
          const before = own[index];
          if (before) Object.defineProperty(res, name, before);
          else delete (res as Partial<ServerResponse>)[name];
        }
      }
      res.statusCode = statusCode;
      if (hasStatusMessage(res)) res.statusMessage = statusMessage!;
    },
  };
}

const always: PropertyDescriptor = { configurable: true, get: () => true };

function headersAreSent(): Error {
  return Object.assign(new Error("Cannot set headers after they are sent to the client"), {
    code: "ERR_HTTP_HEADERS_SENT",
  });
}

/** What replaces it is an error, also where the app's error handling does not think of the status. */
function clearAnswer(res: ServerResponse, error: unknown): void {
  for (const name of res.getHeaderNames()) if (describesTheAnswer.test(name)) res.removeHeader(name);
  res.addTrailers({}); // takes back those that were added
  const { status } = Object(error) as { status?: unknown };
  res.statusCode = typeof status === "number" && status >= 400 && status < 600 ? status : 500;
  if (hasStatusMessage(res)) res.statusMessage = undefined as unknown as string; // Node.js fills in the one that belongs to the status
}

/** HTTP/2 has none, and warns whoever looks at it. */
function hasStatusMessage(res: ServerResponse): boolean {
  return !(res.req?.httpVersionMajor >= 2);
}
