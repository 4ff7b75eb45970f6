/** Counts the events of one `localAuth()`. */
import { propertyOf } from "../../errors/index.js";
import { onSignal } from "../on-signal.js";
import type { Instruments } from "./board.js";

/** Returns what ends it. */
export function countLogins({ logins }: Instruments, counted: object, store: string): () => void {
  return onSignal("login", ({ name, event, events }) => {
    if (events !== counted) return;
    const reason = propertyOf(event, "reason"); // why a login was refused: one of three words
    logins.inc({ store, event: name, reason: typeof reason === "string" ? reason : "none" }, 1);
  });
}
