/** Listening to signals, with types. `subscribe` of `node:diagnostics_channel` does the same without them. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { codes, setupInvalid, warnOnce } from "../errors/index.js";
import type { AuthEvents } from "../auth/index.js";
import type {
  CommandSignal,
  FailedSignal,
  FoundSignal,
  MirrorSignal,
  MoveChanged,
  MoveFollowed,
  OperatorSignal,
  OutageBegun,
  OutageEnded,
  SavedSignal,
  SessionSignal,
  TimedSignal,
} from "../signals/index.js";

/** An event of `localAuth()`; its `name` says which, and so what `event` has. */
export type LoginSignal = {
  [Name in keyof AuthEvents]: {
    readonly name: Name;
    /** What listeners of `localAuth().events` get. */
    readonly event: AuthEvents[Name][0];
    /** The emitter, to tell several `localAuth()` apart. */
    readonly events: object;
  };
}[keyof AuthEvents];

/**
 * Each signal and its payload. The channel is named `holdfast:` and this name. docs/signals.md says when each is sent.
 */
export interface Signals {
  "session:found": FoundSignal;
  "session:missing": TimedSignal;
  "session:unreadable": SessionSignal;
  "session:saved": SavedSignal;
  "session:merged": SavedSignal;
  "session:unchanged": TimedSignal;
  "session:gone": TimedSignal;
  "session:touched": TimedSignal;
  "session:destroyed": TimedSignal;
  "session:too-large": FailedSignal;
  "session:failed": FailedSignal;
  "redis:command": CommandSignal;
  "redis:unavailable": OutageBegun;
  "redis:available": OutageEnded;
  "move:changed": MoveChanged;
  "move:followed": MoveFollowed;
  "move:mirrored": MirrorSignal;
  login: LoginSignal;
  operator: OperatorSignal;
}

const names: Record<keyof Signals, true> = {
  "session:found": true,
  "session:missing": true,
  "session:unreadable": true,
  "session:saved": true,
  "session:merged": true,
  "session:unchanged": true,
  "session:gone": true,
  "session:touched": true,
  "session:destroyed": true,
  "session:too-large": true,
  "session:failed": true,
  "redis:command": true,
  "redis:unavailable": true,
  "redis:available": true,
  "move:changed": true,
  "move:followed": true,
  "move:mirrored": true,
  login: true,
  operator: true,
};

/**
 * Calls `listener` with each signal of this name, in this process and for all stores, until the returned function is
 * called. It runs in the middle of a request, so it should only count or queue. An error that it throws becomes a
 * warning; a rejection of an asynchronous listener is yours to handle.
 *
 * @throws HoldfastError `HOLDFAST_OPTION_INVALID` if there is no such signal
 *
 * @example
 * const stop = onSignal("session:missing", ({ session }) => log.info({ session }, "a session is gone"));
 */
export function onSignal<Name extends keyof Signals>(
  name: Name,
  listener: (payload: Signals[Name]) => void,
): () => void {
  if (!Object.hasOwn(names, name))
    throw setupInvalid(`There is no signal of this name. There are: ${Object.keys(names).join(", ")}.`);
  const channel = `holdfast:${name}`;
  const guarded = (payload: unknown) => {
    try {
      listener(payload as Signals[Name]); // only `lib/signals` sends on this channel
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      warnOnce(codes.LISTENER_FAILED, `A listener for the signal "${name}" threw an error: ${what}`, name);
    }
  };
  subscribe(channel, guarded);
  return () => void unsubscribe(channel, guarded);
}
