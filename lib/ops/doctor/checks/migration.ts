/** Is a migration under way, in doubt, or has one left something behind? Pure. */
import { judge } from "../facts/answer.js";
import type { Facts } from "../facts/facts.js";
import type { MoveFacts } from "../facts/move.js";
import { bad, ok, warning, type Remedy, type Verdict } from "../finding.js";
import { redisWord } from "../redis-word.js";
import { count } from "../words.js";

/** Seconds without a report after which a process counts as gone; as in lib/migrate. */
const silentAfter = 10;

export function migration({ move, places, nodes }: Facts): Verdict {
  return judge(move, (facts) => {
    const { phase, dial, doubt } = facts.record;
    const tombstones = nodes.reduce(
      (sum, { keys }) => sum + keys.sessions.filter(({ form }) => form === "tombstone").length,
      0,
    );
    const left = leftovers(facts);
    if (phase === "moving") return underWay(facts, dial, doubt);
    const active = facts.processes.filter(({ silentFor }) => silentFor < silentAfter).length;
    if (phase === "finished" && active > 0)
      return ok(`finished; ${count(active, "process still runs", "processes still run")} a MigratingStore`);
    if (phase === "off" && active > 0)
      return ok(`not begun; ${count(active, "process is", "processes are")} ready for it`);
    const expiring = count(tombstones, "tombstone", "tombstones");
    if (phase === "off" && left.length === 0)
      return ok(
        tombstones === 0 ? "none" : `none; ${expiring} of an earlier one among the sessions looked at will expire`,
      );
    if (tombstones > 0) left.push(`${expiring} among the sessions looked at (they expire)`);
    const state = phase === "finished" ? ["its state"] : [];
    return warning(
      `${phase === "finished" ? "a finished migration" : "an earlier migration"} has left behind: ${[...state, ...left].join(", ")}`,
      "It does no harm, but the next migration, and whoever reads `holdfast migrate status`, starts from it. Until it is deleted, `rollback` remains possible.",
      {
        remedy: "Delete it once no process runs a MigratingStore any more.",
        commands: [
          `UNLINK ${["", ":processes", ":unmirrored", ":backfill"].map((end) => redisWord(places.moveKey + end)).join(" ")}`,
        ],
      },
    );
  });
}

const repair: Remedy = {
  remedy: "Compare the stores, and make each copy match its home.",
  commands: ["npx holdfast migrate verify --repair"],
};

function underWay({ processes, unmirrored }: MoveFacts, dial: number, doubt: string | undefined): Verdict {
  const found = `under way, the dial is at ${dial}`;
  if (doubt !== undefined)
    return bad(`${found}, in doubt: ${doubt}`, "Some changes may be in only one of the two stores.", repair);
  const silent = processes.filter(({ silentFor }) => silentFor >= silentAfter).length;
  if (silent > 0)
    return warning(
      `${found}; ${count(silent, "process", "processes")} stopped reporting`,
      "What it had not copied yet may be missing in the other store.",
      repair,
    );
  if (processes.length === 0)
    return warning(
      `${found}, and no process of the app follows it`,
      "A process that does not know of the migration reads and writes only one of the stores.",
      {
        remedy:
          "Start the app with `store: new MigratingStore({ legacy, redis })`, or bring all sessions back to the database.",
        commands: ["npx holdfast migrate rollback"],
      },
    );
  const waiting = unmirrored > 0 ? `; ${count(unmirrored, "change", "changes")} not yet in the database` : "";
  return ok(found + waiting);
}

function leftovers({ processes, unmirrored, backfill }: MoveFacts): string[] {
  return [
    processes.length > 0 && count(processes.length, "process that ended", "processes that ended"),
    unmirrored > 0 &&
      count(unmirrored, "change that never reached the database", "changes that never reached the database"),
    backfill !== undefined && "the mark of an unfinished backfill",
  ].filter((text) => text !== false);
}
