/**
 * `store.generate(req)`, which `regenerate()` calls, and `store.regenerate(req, callback)`, which the sessions' own
 * `regenerate()` calls. If a store has two middlewares, the one of the request is used.
 */
import type { Store } from "express-session";
import { realTime } from "../errors/index.js";
import type { SessionRequest } from "../express-session/index.js";
import { requestSessionOf } from "./session-methods.js";

/** A store with `generate`. */
export type SharedStore = SessionRequest["sessionStore"];

/** Stores whose `regenerate` asks the request first. */
const asking = new WeakSet<Store>();

type Generate = (this: Store, req: SessionRequest) => void;

/** express-session may set `generate` on the same store, earlier or later; its own requests keep using that. */
export function shareGenerate(store: Store & { generate?: Generate }): asserts store is SharedStore {
  askBeforeRegenerate(store);
  let theirs = store.generate;
  const generate: Generate = function (req) {
    const requestSession = requestSessionOf(req);
    if (requestSession) requestSession.generate();
    else theirs?.call(this, req);
  };
  Object.defineProperty(store, "generate", {
    configurable: true,
    enumerable: true,
    get: () => generate,
    set(value: Generate) {
      theirs = value;
    },
  });
}

function askBeforeRegenerate(store: Store): void {
  const { regenerate } = store;
  if (asking.has(store) || typeof regenerate !== "function") return;
  asking.add(store);
  store.regenerate = function (req, callback) {
    const refusal = requestSessionOf(req)?.refusalToRegenerate();
    if (refusal) realTime.queueMicrotask(() => callback?.(refusal));
    else regenerate.call(this, req, callback);
  };
}
