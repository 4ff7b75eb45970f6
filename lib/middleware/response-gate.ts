/**
 * Holds an answer back until the session is saved, so that a success that the client sees was saved.
 *
 * The gate stands in front of `writeHead`, `write`, `end` and `flushHeaders`. The first of them asks `beforeHead`; if
 * that returns a promise, this and all further calls wait for it in order. Until then the answer looks as any answer
 * does whose head is out: `headersSent` is true, and its headers cannot be set any more. If the promise rejects, what
 * waited is dropped, what described it is cleared, and the error goes to Express' error handling, which can still
 * answer with any status. (An answer that is an error itself goes out as it is.) An answer whose head is out is asked for once more, by `beforeEnd`, when it ends; if that
 * rejects, the answer is broken off.
 */
import type { ServerResponse } from "node:http";

export interface GateKeeper {
  /** Called once, when the head is about to be formed. */
  beforeHead(): Promise<void> | undefined;
  /** Called when an answer ends whose head was formed earlier. */
  beforeEnd(): Promise<void> | undefined;
  /** The answer that waited was dropped; the error is to be answered instead. */
  onFailure(error: unknown): void;
  /** The answer that waited claims no success (its status is 500 or more), so it goes out although nothing was saved. */
  onUnsaved(): void;
}

type Method = "writeHead" | "write" | "end" | "flushHeaders";
type AnyFunction = (...args: unknown[]) => unknown;
type Call = { method: Method; args: unknown[] };

/** Headers that belong to the answer that was dropped, and would be wrong on the error that replaces it. */
const describesTheAnswer =
  /^(content-|etag$|last-modified$|location$|cache-control$|expires$|accept-ranges$|transfer-encoding$|trailer$|refresh$)/;

export function installGate(res: ServerResponse, keeper: GateKeeper): void {
  const through = {
    writeHead: res.writeHead as AnyFunction,
    write: res.write as AnyFunction,
    end: res.end as AnyFunction,
    flushHeaders: res.flushHeaders,
  };
  let state: "closed" | "holding" | "open" | "ended" = "closed";
  let waiting: Call[] = [];
  let seal: Seal | undefined;

  res.writeHead = function writeHead(...args: unknown[]) {
    return pass("writeHead", args) as ServerResponse;
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

  function pass(method: Method, args: unknown[]): unknown {
    if (state === "closed") {
      // The head of an answer that something else began (a raw writeHead on an outer layer) cannot be held.
      const headIsFormed = res.headersSent;
      const hold = ask(headIsFormed ? keeper.beforeEnd : keeper.beforeHead);
      if (method === "end") state = "ended";
      else state = "open";
      if (hold) return wait(hold, method, args);
    } else if (state === "open" && method === "end") {
      state = "ended";
      const hold = ask(keeper.beforeEnd);
      if (hold) return wait(hold, method, args);
    } else if (state === "holding") {
      return enqueue(method, args);
    }
    return through[method].apply(res, args);
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
    seal = res.headersSent ? undefined : sealHead(res);
    const answer = enqueue(method, args);
    hold.then(() => release(resumed)).catch((error: unknown) => fail(error));
    return answer;
  }

  function enqueue(method: Method, args: unknown[]): unknown {
    const ended = waiting.some((call) => call.method === "end");
    if (!ended) waiting.push({ method, args });
    return method === "write" ? false : res;
  }

  function release(resumed: typeof state): void {
    seal?.lift();
    state = resumed;
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
    if (flowing === true && state === "open") res.emit("drain"); // we told the writer to wait, and nobody else will call it
  }

  function fail(error: unknown): void {
    seal?.lift();
    const headIsOut = res.headersSent;
    if (!headIsOut && statusOf(waiting[0], res) >= 500) {
      keeper.onUnsaved();
      return release("ended");
    }
    waiting = [];
    state = "ended";
    // Layers that were put on after the gate (as compression) believe that they have answered; go past them.
    res.writeHead = through.writeHead as typeof res.writeHead;
    res.flushHeaders = through.flushHeaders;
    res.write = function write(...args: unknown[]) {
      return res.writableEnded ? false : through.write.apply(res, args);
    } as typeof res.write;
    res.end = function end(...args: unknown[]) {
      return res.writableEnded ? res : through.end.apply(res, args);
    } as typeof res.end;
    if (!headIsOut) clearAnswer(res);
    // Outside the promise: an app whose error handling throws must not become an unhandled rejection of ours.
    process.nextTick(() => {
      keeper.onFailure(error);
      if (headIsOut && !res.writableEnded) res.destroy(); // broken off, so that nobody takes it for a success
    });
  }
}

/** The status that the first of the waiting calls would send. */
function statusOf(call: Call | undefined, res: ServerResponse): number {
  return call?.method === "writeHead" ? Number(call.args[0]) : res.statusCode;
}

interface Seal {
  lift(): void;
}

/** Makes the response look as if its head were out, so that no second answer mixes into the one that waits. */
function sealHead(res: ServerResponse): Seal {
  const { statusCode, statusMessage } = res;
  const refuse = () => {
    throw Object.assign(new Error("Cannot set headers after they are sent to the client"), {
      code: "ERR_HTTP_HEADERS_SENT",
    });
  };
  const sealed = ["setHeader", "setHeaders", "appendHeader", "removeHeader"] as const;
  const own = sealed.map((name) => Object.getOwnPropertyDescriptor(res, name));
  for (const name of sealed) Object.defineProperty(res, name, { configurable: true, writable: true, value: refuse });
  Object.defineProperty(res, "headersSent", { configurable: true, get: () => true });
  return {
    lift() {
      delete (res as { headersSent?: boolean }).headersSent;
      for (const [index, name] of sealed.entries()) {
        const before = own[index];
        if (before) Object.defineProperty(res, name, before);
        else delete (res as Partial<ServerResponse>)[name];
      }
      res.statusCode = statusCode;
      res.statusMessage = statusMessage;
    },
  };
}

function clearAnswer(res: ServerResponse): void {
  for (const name of res.getHeaderNames()) if (describesTheAnswer.test(name)) res.removeHeader(name);
  res.statusCode = 200;
  res.statusMessage = undefined as unknown as string; // Node.js fills in the one that belongs to the status
}
