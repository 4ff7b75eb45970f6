/** Do sessions end by themselves? Pure. */
import { skipped } from "../facts/answer.js";
import type { NodeFacts } from "../facts/facts.js";
import { isLive } from "../facts/keys.js";
import { ok, warning, type Verdict } from "../finding.js";
import { count, number, percent } from "../words.js";

export function expiry({ keys }: NodeFacts): Verdict {
  if (keys.problem && keys.seen === 0) return skipped(keys.problem);
  const live = keys.sessions.filter(isLive);
  const refused = live.find(({ ttl }) => ttl.problem)?.ttl.problem;
  if (refused) return skipped(refused);
  if (live.length === 0) return ok("there are no sessions");
  const forever = live.filter(({ ttl }) => ttl.value === -1);
  if (forever.length === 0) return ok(`each of ${count(live.length, "session", "sessions")} looked at expires`);
  return warning(
    `${number(forever.length)} of ${count(live.length, "session", "sessions")} looked at (${percent(forever.length / live.length)}) never expire`,
    "They stay until somebody deletes them, and fill the memory. With `disableTTL`, that is meant.",
    "Remove `disableTTL`, or find out who writes under this prefix; a session gets a lifetime the next time it is saved.",
  );
}
