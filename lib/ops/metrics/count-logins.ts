/** Counts the events of one `localAuth()`. */
import { onSignal } from "../on-signal.js";
import type { Instruments } from "./board.js";

/** Returns what ends it. */
export function countLogins({ logins }: Instruments, counted: object, store: string): () => void {
  return onSignal("login", ({ name, event, events }) => {
    if (events !== counted) return;
    const reason = "reason" in event ? event.reason : "none"; // why a login was refused: one of three words
    logins.inc({ store, event: name, reason }, 1);
  });
}
