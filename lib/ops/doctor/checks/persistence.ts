/** What a restart would lose. Pure. */
import { judge, mapAnswer, type Answer } from "../facts/answer.js";
import type { NodeFacts } from "../facts/facts.js";
import { bad, ok, warning, type Verdict } from "../finding.js";
import { setting } from "../remedies.js";
import { count } from "../words.js";

export function aof(node: NodeFacts): Verdict {
  const { info, config } = node;
  return judge(info, (lines) => {
    if (lines["aof_enabled"] !== "1")
      return warning(
        "there is no append-only file",
        "A restart of Redis loses every login, logout and change since the last snapshot, or all of them.",
        setting(node, "appendonly", "yes", "Turn it on."),
      );
    const fsync = config("appendfsync").value;
    if (fsync === "no")
      return warning(
        "the append-only file is on, with appendfsync no",
        "If the machine crashes, about the last 30 s are lost.",
        setting(node, "appendfsync", "everysec", "Let it reach the disk every second."),
      );
    const delayed = Number(lines["aof_delayed_fsync"] ?? 0);
    const found = `the append-only file is on${fsync === undefined ? "" : `, with appendfsync ${fsync}`}`;
    if (delayed === 0) return ok(found);
    return warning(
      `${found}; the disk was too slow ${count(delayed, "time", "times")} since Redis started`,
      "While Redis waits for the disk, so does every request.",
      "Use a faster disk, or one that nothing else uses. `no-appendfsync-on-rewrite yes` helps too, at a price: if the machine crashes during a rewrite, about the last 30 s are lost.",
    );
  });
}

export function snapshots(node: NodeFacts): Verdict {
  const { info, config } = node;
  return judge(config("save"), (rules) => {
    if (rules !== "") return ok(`a snapshot after so many seconds and changes: ${rules}`);
    if (info.value?.["aof_enabled"] === "1") return ok("no snapshots; the append-only file is on");
    return warning(
      "there are no snapshots, and no append-only file",
      "A restart of Redis logs everyone out, and takes accounts with it.",
      setting(node, "save", "60 1000", "Write one after 60 seconds with 1,000 changes."),
    );
  });
}

const saves: readonly { status: string; what: string; again?: string }[] = [
  { status: "rdb_last_bgsave_status", what: "the last snapshot", again: "BGSAVE" },
  {
    status: "aof_last_bgrewrite_status",
    what: "the last rewrite of the append-only file",
    again: "BGREWRITEAOF",
  },
  { status: "aof_last_write_status", what: "the last write to the append-only file" }, // Redis tries again by itself
];

export function lastSave({ info, config }: NodeFacts): Verdict {
  return judge(info, (lines) => {
    const failed = saves.filter(({ status }) => lines[status] === "err");
    if (failed.length === 0)
      return ok(
        neverSaved(
          mapAnswer(config("save"), (rules) => rules !== ""),
          lines,
        ),
      );
    return bad(
      `${failed.map(({ what }) => what).join(" and ")} failed`,
      "Redis refuses writes (MISCONF) as long as it cannot save, and a restart loses what was not saved.",
      {
        remedy: "Look at the log of Redis: a full disk, or a folder that it may not write to. Then let it save again.",
        commands: failed.flatMap(({ again }) => again ?? []),
      },
    );
  });
}

function neverSaved(hasRules: Answer<boolean>, lines: Readonly<Record<string, string>>): string {
  const changes = Number(lines["rdb_changes_since_last_save"] ?? 0);
  if (hasRules.value !== true) return "no save has failed";
  return `the last snapshot succeeded; ${count(changes, "change", "changes")} since`;
}
