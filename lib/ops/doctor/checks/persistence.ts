/** What a restart would lose. Pure. */
import { judge, mapAnswer, type Answer } from "../facts/answer.js";
import type { NodeFacts } from "../facts/facts.js";
import { bad, ok, warning, type Verdict } from "../finding.js";
import { count } from "../words.js";

export function aof({ info, config }: NodeFacts): Verdict {
  return judge(info, (lines) => {
    if (lines["aof_enabled"] !== "1")
      return warning(
        "there is no append-only file",
        "A restart of Redis loses every login, logout and change since the last snapshot, or all of them.",
        "CONFIG SET appendonly yes, and the same line in redis.conf",
      );
    const fsync = config("appendfsync").value;
    if (fsync === "no")
      return warning(
        "the append-only file is on, with appendfsync no",
        "If the machine crashes, about the last 30 s are lost.",
        "CONFIG SET appendfsync everysec, and the same line in redis.conf",
      );
    const delayed = Number(lines["aof_delayed_fsync"] ?? 0);
    const found = `the append-only file is on${fsync === undefined ? "" : `, with appendfsync ${fsync}`}`;
    if (delayed === 0) return ok(found);
    return warning(
      `${found}; the disk was too slow ${count(delayed, "time", "times")} since Redis started`,
      "While Redis waits for the disk, so does every request.",
      "A faster disk, or one that nothing else uses; CONFIG SET no-appendfsync-on-rewrite yes",
    );
  });
}

export function snapshots({ info, config }: NodeFacts): Verdict {
  return judge(config("save"), (rules) => {
    if (rules !== "") return ok(`a snapshot after so many seconds and changes: ${rules}`);
    if (info.value?.["aof_enabled"] === "1") return ok("no snapshots; the append-only file is on");
    return warning(
      "there are no snapshots, and no append-only file",
      "A restart of Redis logs everyone out, and takes accounts with it.",
      "CONFIG SET save '60 1000', and the same line in redis.conf",
    );
  });
}

export function lastSave({ info, config }: NodeFacts): Verdict {
  return judge(info, (lines) => {
    const failed = [
      ["rdb_last_bgsave_status", "the last snapshot"],
      ["aof_last_bgrewrite_status", "the last rewrite of the append-only file"],
      ["aof_last_write_status", "the last write to the append-only file"],
    ].flatMap(([name, what]) => (lines[name!] === "err" ? [what!] : []));
    if (failed.length === 0)
      return ok(
        neverSaved(
          mapAnswer(config("save"), (rules) => rules !== ""),
          lines,
        ),
      );
    return bad(
      `${failed.join(" and ")} failed`,
      "Redis refuses writes (MISCONF) as long as it cannot save, and a restart loses what was not saved.",
      "Look at the log of Redis: disk full, or a folder that it may not write to. Then: BGSAVE",
    );
  });
}

function neverSaved(hasRules: Answer<boolean>, lines: Readonly<Record<string, string>>): string {
  const changes = Number(lines["rdb_changes_since_last_save"] ?? 0);
  if (hasRules.value !== true) return "no save has failed";
  return `the last snapshot succeeded; ${count(changes, "change", "changes")} since`;
}
