/** Signals of some stores alone: all stores of a process share the channels. */
import { onSignal, type Signals } from "./on-signal.js";

/** Like `onSignal`, but only for signals that name one of `stores`. */
export function listenerOf(stores: readonly unknown[]) {
  return <Name extends keyof Signals>(name: Name, listener: (payload: Signals[Name]) => void) =>
    onSignal(name, (payload) => {
      if ("store" in payload && stores.includes(payload.store)) listener(payload);
    });
}
