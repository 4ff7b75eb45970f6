/** The warning about a session that cannot be read, whichever store has it. */
import { codes, sessionLabel, warnOnce } from "../errors/index.js";
import { SessionSignal, signals } from "../signals/index.js";

/** Warns once for each session. */
export function warnOfUnreadable(sid: string): void {
  const label = sessionLabel(sid);
  warnOnce(
    codes.SESSION_UNREADABLE,
    `What the store holds for session ${label} is not a session, so its visitor is treated as having none. It was ` +
      "left in place.",
    label,
  );
}

/** Tells whoever listens, each time. */
export function tellUnreadable(store: object, sid: string): void {
  const { unreadable } = signals.session;
  if (unreadable.isHeard) unreadable.send(new SessionSignal(store, sid));
}
