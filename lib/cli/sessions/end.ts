/** `holdfast sessions end` and `clear`. */
import { visibleJson } from "../../ops/visible.js";
import { ask, canAsk } from "../confirm.js";
import { exitCodes, UsageError } from "../failure.js";
import { count as counted, number } from "../words.js";
import type { SessionsContext } from "./context.js";
import { noSuchSession } from "./list.js";
import { ofNoSession } from "./nothing.js";
import { notKnownWhose } from "./unreadable.js";

export async function end(context: SessionsContext, hash: string): Promise<number | void> {
  const { admin, isJson, lines, say, signal } = context;
  await context.refuseWhileMoving();
  if (!(await admin.end(hash, { signal }))) return signal.aborted ? undefined : noSuchSession(context, hash);
  if (isJson) await lines.add(visibleJson({ ended: 1 }));
  say(`Ended session ${hash}.`);
}

export async function endUser(context: SessionsContext, user: string): Promise<number | void> {
  const { admin, isJson, lines, say, signal } = context;
  await context.refuseWhileMoving();
  let unreadable = 0;
  const { sessions, logins } = await admin.endUser(user, {
    signal,
    onProgress: context.progress("sessions ended"),
    onUnreadable: (count) => (unreadable = count),
  });
  if (isJson) await lines.add(visibleJson({ ended: sessions, logins, unreadable }));
  if (logins) say("Ended all logins of this user in holdfast/auth.");
  say(`Ended ${counted(sessions, "session", "sessions")}${signal.aborted ? ", and stopped: there may be more" : ""}.`);
  if (unreadable === 0) {
    if (sessions === 0 && !logins && !signal.aborted && !(await context.sayWhyNothing())) say(ofNoSession);
    return;
  }
  say(notKnownWhose(unreadable));
  // Without a login that still holds, no session of the user is accepted, whatever is left.
  if (!logins) return exitCodes.refused;
}

export interface ClearOptions {
  yes?: boolean;
  unreadable?: boolean;
  /** `--prefix` was typed. */
  isPrefixTyped: boolean;
}

/** @throws UsageError before anything is connected */
export function checkClear({ yes = false, isPrefixTyped }: ClearOptions, prefix: string | undefined): void {
  if (prefix === "")
    throw new UsageError(
      "--prefix is empty, which would be every string and hash in this database: use FLUSHDB for that.",
    );
  if (yes && !isPrefixTyped)
    throw new UsageError('--yes requires --prefix, so that a script says which sessions end: the default is "sess:".');
  if (!yes && !canAsk())
    throw new UsageError("Without a terminal to ask on, nothing is cleared. In a script, use --yes and --prefix.");
}

/** They are of no use without the sessions, but an app shows them as devices. */
const listsStay = "The lists of logins in holdfast/auth stay, until these time out, or `end --user` ends them.";

export async function clear(
  context: SessionsContext,
  { yes = false, unreadable = false }: ClearOptions,
): Promise<number | void> {
  const { admin, isJson, lines, redisName, say, signal } = context;
  await context.refuseWhileMoving();
  if (!yes) {
    const sessions = await admin.count({ signal });
    if (signal.aborted) return;
    const what = `${counted(sessions, "session", "sessions")} in ${redisName} will end`;
    const typed = await ask(
      `${what}, and their visitors are logged out. ${listsStay}\nType the number of sessions to end them all: `,
      signal,
    );
    if (typed?.replace(/[\s,.']/g, "") !== String(sessions)) {
      if (!signal.aborted) say("Nothing was changed.");
      return exitCodes.refused;
    }
  }
  const ended = await admin.clear({ signal, unreadable, onProgress: context.progress("sessions ended") });
  const left = signal.aborted ? 0 : await admin.count({ signal });
  if (isJson) await lines.add(visibleJson({ ended, left }));
  say(`Ended ${counted(ended, "session", "sessions")}${signal.aborted ? ", and stopped" : ""}.`);
  if (ended === 0 && left === 0 && !signal.aborted) await context.sayWhyNothing();
  if (left > 0 && !unreadable)
    say(
      `${number(left)} are left: begun since, or not readable as sessions. ` +
        "`list` shows them; --unreadable removes the latter too.",
    );
}
