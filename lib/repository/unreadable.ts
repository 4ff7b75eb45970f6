/** The warning about a session that cannot be read, whichever store has it. */
import { codes, sessionLabel, warnOnce } from "../errors/index.js";

/** Warns once for each session. Returns a short hash of its id. */
export function warnOfUnreadable(sid: string): string {
  const label = sessionLabel(sid);
  warnOnce(
    codes.SESSION_UNREADABLE,
    `What the store holds for session ${label} is not a session, so its visitor is treated as having none. It was left in place.`,
    label,
  );
  return label;
}
