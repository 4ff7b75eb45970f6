/** Does Redis answer, how fast, and which Redis is it? Pure. */
import { skipped, judge, type Problem } from "../facts/answer.js";
import type { NodeFacts } from "../facts/facts.js";
import { percentile, pingsWanted } from "../facts/round-trips.js";
import { bad, ok, warning, type Verdict } from "../finding.js";
import { redisWord } from "../redis-word.js";
import { troubleIn } from "../trouble.js";
import { count, milliseconds } from "../words.js";

const noSessions = "Without Redis, every request that needs its session gets 503.";

export function ping({ roundTrips: { times, problem }, silence }: NodeFacts): Verdict {
  const about = "The server, or the network to it: look at its log, at its load, and for a command that runs for long.";
  if (problem?.kind === "silent") return bad(`PING got no answer: ${problem.words}`, noSessions, about);
  if (problem) return refused(problem, about);
  if (silence !== undefined)
    return bad(`${silence} got no answer in time, although PING did before`, noSessions, about);
  return ok(`${count(times.length, "PING", "PINGs")} answered`);
}

function refused({ kind, text, user }: Problem, about: string): Verdict {
  const trouble = troubleIn(text);
  if (trouble) return bad(`PING was refused: the server ${trouble.words}`, noSessions, trouble);
  if (kind === "refused")
    return bad(`PING was refused: the user ${user} may not run it (NOPERM)`, noSessions, {
      remedy: "Let this user send PING.",
      commands: [["ACL SETUSER", redisWord(user), "+ping"].join(" ")],
    });
  // Only the beginning of an error reply; what follows could quote a key.
  return bad(`PING was refused: ${/^[A-Z]{2,}\b/.exec(text)?.[0] ?? "an error"}`, noSessions, about);
}

/** Milliseconds. A request makes one or two round trips, one after the other. */
const usual = { p50: 5, p99: 50 };

export function roundTrip({ roundTrips: { times, problem } }: NodeFacts): Verdict {
  if (times.length === 0) return problem ? skipped(problem) : ok("not measured");
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  const fewer = times.length < pingsWanted ? ` (in 2 s; ${pingsWanted} were planned)` : "";
  const found = `p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)} of ${count(times.length, "PING", "PINGs")}${fewer}`;
  if (p50 <= usual.p50 && p99 <= usual.p99) return ok(found);
  return warning(
    found,
    p50 > usual.p50
      ? `Each request waits for one or two round trips; within a data center, one takes less than ${usual.p50} ms.`
      : `One request in a hundred waits longer than ${usual.p99} ms for a round trip.`,
    p50 > usual.p50
      ? "Run the app and Redis in the same zone, or read without round trips: docs/near-cache.md."
      : "Look for slow commands (SLOWLOG GET), for a busy machine, and for a disk that is slow at AOF writes.",
  );
}

export function version({ info }: NodeFacts): Verdict {
  return judge(info, (lines) => {
    const isValkey = lines["valkey_version"] !== undefined;
    const text = lines["valkey_version"] ?? lines["redis_version"] ?? "unknown";
    const found = `${isValkey ? "Valkey" : "Redis"} ${text}`;
    const major = Number.parseInt(text, 10);
    if (isValkey || major >= 7) return ok(found);
    const remedy = "Upgrade the server to Redis 7 or later, or Valkey 8 or later.";
    if (major === 6)
      return warning(found, "Holdfast is tested with Redis 7.0 and later; this version gets no more fixes.", remedy);
    return bad(found, "It has no ACL users and no CLIENT TRACKING, and gets no more security fixes.", remedy);
  });
}
