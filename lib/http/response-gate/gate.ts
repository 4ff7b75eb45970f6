/**
 * Holds a response back until the session is saved, so that the client never sees a success that was not saved.
 *
 * The gate stands in front of `writeHead`, `write`, `end` and `flushHeaders`. The first of them asks `beforeHead`; if
 * that returns a promise, this and all further calls wait for it in order. Until then the response looks as if its head
 * had been sent: `headersSent` is true, and headers cannot be set any more. If the promise rejects, the waiting calls
 * are dropped, the headers that described them are removed, and the error goes to Express' error handler, which can
 * still respond with any status. (A response that is an error itself is sent as it is.) If the head was sent earlier,
 * `beforeEnd` is asked when the response ends; if its promise rejects, the connection is closed.
 *
 * The table in `states.ts` decides what is done when; this file does it.
 */
import type { ServerResponse } from "node:http";
import { expectProperties } from "../many-properties.js";
import { withHeadListener } from "./head.js";
import { ask, type GateKeeper } from "./keeper.js";
import { methodsOf, patchMethods, restoreMethods, type Response, type OriginalMethods } from "./patch.js";
import { abortResponse, clearAnswer, hasLength } from "./plain-answer.js";
import { headersAreSent, sealAnswer, type Seal } from "./seal.js";
import { next, type Event, type Method, type State } from "./states.js";
import { wakerOfWriters, type Waker } from "./waker.js";

export type { GateKeeper } from "./keeper.js";

type Call = { method: Method; args: unknown[] };

export function installGate(res: ServerResponse, keeper: GateKeeper): void {
  new Gate(res, keeper).install();
}

class Gate {
  readonly #res: Response;
  readonly #keeper: GateKeeper;
  readonly #original: OriginalMethods;
  #state: State = "closed";
  #waiting: Call[] = [];
  #seal: Seal | undefined;
  #waker: Waker | undefined;

  constructor(res: Response, keeper: GateKeeper) {
    this.#res = res;
    this.#keeper = keeper;
    this.#original = methodsOf(res);
  }

  install(): void {
    expectProperties(this.#res);
    patchMethods(this.#res, this.#original, this);
    if (Object.hasOwn(this.#res, "on")) this.#waker = wakerOfWriters(this.#res);
  }

  // ---- calls --------------------------------------------------------------------------------------------------

  /** The app, or a layer behind the gate, calls a method of the response. */
  call(method: Method, args: unknown[]): unknown {
    if (method === "flushHeaders" && this.#isIn("closed")) this.#formHead();
    const { state, effect } = next(this.#state, method);
    if (effect === "askHead") return this.#askHead(state, method, args);
    this.#state = state;
    switch (effect) {
      case "pass":
        return this.#pass(method, args);
      case "askEnd":
        return this.#go(ask(this.#keeper, "beforeEnd"), method, args);
      case "queue":
        return this.#queue(method, args);
      case "refuse":
        throw headersAreSent();
      default:
        return this.#kept(method);
    }
  }

  /**
   * Node.js' own `flushHeaders` forms the head, so that layers behind this middleware hear of it. If it waited here,
   * compression would learn too late that the response has begun, and what is written meanwhile would not be compressed.
   */
  #formHead(): void {
    if (!this.#res.headersSent) this.#res.writeHead(this.#res.statusCode);
  }

  /**
   * The gate stays closed while it asks, so that calls by the app's code meanwhile (in a `toJSON`, say) do not get past
   * it.
   */
  #askHead(state: State, method: Method, args: unknown[]): unknown {
    // If something else sent the head (a raw writeHead on an outer layer), it cannot be held.
    const save = ask(this.#keeper, this.#res.headersSent ? "beforeEnd" : "beforeHead");
    this.#state = state;
    if (!save) this.#waker?.stop();
    if (save && method === "writeHead" && isEndingPastGate(this.#res, args)) {
      save.catch(() => {}); // the response cannot be taken back
      return this.#pass(method, args);
    }
    return this.#go(save, method, args);
  }

  #go(save: Promise<void> | undefined, method: Method, args: unknown[]): unknown {
    return save ? this.#hold(save, method, args) : this.#pass(method, args);
  }

  #pass(method: Method, args: unknown[]): unknown {
    if (method !== "writeHead") return this.#original[method].apply(this.#res, args);
    const addTo = this.#keeper.onHead();
    const { writeHead } = this.#original;
    return (addTo ? withHeadListener(writeHead, () => addTo(this.#res)) : writeHead).apply(this.#res, args);
  }

  #hold(save: Promise<void>, method: Method, args: unknown[]): unknown {
    this.#state = next(this.#state, "saving").state;
    save
      .then(
        () => this.#saved(),
        (error: unknown) => this.#failed(error),
      )
      .catch(() => abortResponse(this.#res)); // a response whose methods all fail
    try {
      this.#seal = sealAnswer(this.#res);
    } catch {
      this.#seal = undefined; // no properties can be set; the response waits all the same
    }
    return this.#queue(method, args);
  }

  #queue(method: Method, args: unknown[]): unknown {
    this.#waiting.push({ method, args });
    if (method === "end") this.#seal?.end();
    return this.#kept(method);
  }

  /** The return value of a call that was not passed on. */
  #kept(method: Method): unknown {
    return method === "write" ? false : this.#res;
  }

  // ---- the save is over ---------------------------------------------------------------------------------------

  #saved(): void {
    this.#seal?.lift();
    this.#on("saved");
  }

  #failed(error: unknown): void {
    this.#seal?.lift();
    const looksLikeSuccess = this.#res.headersSent || statusOf(this.#waiting[0], this.#res) < 500;
    this.#on(looksLikeSuccess ? "failed" : "failedUnderError", error);
  }

  #on(event: Exclude<Event, Method>, error?: unknown): void {
    const { state, effect } = next(this.#state, event);
    this.#state = state;
    if (effect === "drop") return this.#drop(error, event === "broken");
    if (effect === "releaseUnsaved") this.#keeper.onUnsaved();
    if (effect === "release" || effect === "releaseUnsaved") this.#release();
  }

  #release(): void {
    try {
      this.#replay();
    } catch (thrown) {
      this.#on("broken", thrown); // without the gate, the app would have got this error
    }
  }

  #replay(): void {
    const calls = this.#waiting;
    this.#waiting = [];
    let flowing: unknown = false;
    for (const [index, { method, args }] of calls.entries()) {
      const answer = this.call(method, args);
      if (method === "write") flowing = answer;
      if (this.#isIn("ending")) {
        this.#waiting.push(...calls.slice(index + 1)); // the end has to wait for a second save
        return;
      }
    }
    // Our `write` returned false, and nothing else will tell the writer to go on.
    if (flowing === true && this.#isIn("open")) {
      this.#res.emit?.("drain");
      this.#waker?.wake();
    }
    this.#waker?.stop();
    this.#waker = undefined;
  }

  #isIn(state: State): boolean {
    return this.#state === state;
  }

  /** @param isSaved then the visitor gets the session's cookie with the error */
  #drop(error: unknown, isSaved: boolean): void {
    const res = this.#res;
    const headIsOut = res.headersSent;
    this.#waiting = [];
    this.#waker?.stop();
    restoreMethods(res, this.#original);
    if (!headIsOut) clearAnswer(res, error);
    if (!headIsOut && isSaved) this.#keeper.onHead()?.(res);
    this.#keeper.onFailure(error);
    if (headIsOut && !res.writableEnded) abortResponse(res); // so that it does not look like a success
  }
}

/**
 * Whether Node.js' own `end` is running without having come through the gate, and now forms the head: a middleware in front
 * of this one kept it, for a timeout say. It has noted the length, and sends as soon as `writeHead` returns. It passes the
 * status alone; Hono's server, which notes the length too, passes headers and ends the response afterwards.
 */
function isEndingPastGate(res: ServerResponse, args: readonly unknown[]): boolean {
  return hasLength(res) && args.length === 1;
}

/** The status that the first of the waiting calls would send. */
function statusOf(call: Call | undefined, res: ServerResponse): number {
  return call?.method === "writeHead" ? Number(call.args[0]) : res.statusCode;
}
