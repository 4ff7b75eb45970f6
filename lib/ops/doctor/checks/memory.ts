/** Is there enough memory, and what happens if there is not? Pure. */
import { firstOf, judge, mapAnswer, type Answer } from "../facts/answer.js";
import type { Facts, NodeFacts } from "../facts/facts.js";
import { kinds, type Kind } from "../facts/keys.js";
import { bad, ok, warning, type Verdict } from "../finding.js";
import { setting } from "../remedies.js";
import { fullFrom } from "../../fullness.js";
import { bytes, count, percent } from "../words.js";
import { amount, roomOf } from "./room.js";

function limitOf({ info, config }: NodeFacts): Answer<number> {
  const told = mapAnswer(info, (lines) => amount(lines, "maxmemory"));
  return firstOf(told, mapAnswer(config("maxmemory"), Number));
}

export function maxmemory(node: NodeFacts): Verdict {
  return judge(limitOf(node), (limit) => {
    const machine = node.info.problem ? 0 : amount(node.info.value, "total_system_memory");
    const half = Math.max(64, Math.floor(machine / 2 / 1024 ** 2));
    const words = "Set a limit: half of this machine, less if it does other work.";
    const remedy = setting(node, "maxmemory", `${half}mb`, words);
    if (limit === 0)
      return warning(
        "there is no limit (maxmemory 0)",
        "If a flood of visitors fills the machine, the system ends Redis, and not just the writes that no longer fit.",
        remedy,
      );
    if (machine > 0 && limit > machine * 0.9)
      return warning(
        `maxmemory is ${bytes(limit)}, and this machine has ${bytes(machine)}`,
        "The system ends Redis before the limit is reached; snapshots and AOF rewrites need memory beyond it.",
        remedy,
      );
    return ok(bytes(limit));
  });
}

/** What people notice if it goes, by kind of key. */
const losses: Partial<Record<Kind, string>> = {
  account: "accounts",
  throttle: "counts of wrong passwords",
  devices: "logins (lists of devices)",
  move: "the state of the migration",
};
/** `volatile-*` takes only keys that expire. */
const expiring: Kind[] = ["session", "devices", "throttle"];

export function eviction(node: NodeFacts, { nodes }: Facts): Verdict {
  const told = mapAnswer(node.info, (lines) => lines["maxmemory_policy"] ?? "unknown");
  return judge(firstOf(told, node.config("maxmemory-policy")), (policy) => {
    if (policy === "noeviction") return ok("noeviction: if memory is full, writes are refused, and nothing is lost");
    const isTaken = (kind: Kind) => policy.startsWith("allkeys") || expiring.includes(kind);
    const isStored = (kind: Kind) => nodes.some(({ keys }) => keys.counts[kind] > 0);
    const taken = kinds.filter((kind) => losses[kind] && isTaken(kind) && isStored(kind));
    const remedy = setting(node, "maxmemory-policy", "noeviction", "Let Redis refuse writes instead.");
    const found = `${policy}: if memory is full, Redis deletes`;
    const why = "A flood of visitors without cookies would make Redis delete them.";
    if (taken.length > 0)
      return bad(`${found} ${["sessions", ...taken.map((kind) => losses[kind])].join(", ")}`, why, remedy);
    return warning(`${found} sessions`, `${why} Each one that goes logs a visitor out.`, remedy);
  });
}

export function memory({ info }: NodeFacts): Verdict {
  return judge(info, (lines) => {
    const used = amount(lines, "used_memory");
    const { room, name } = roomOf(lines);
    if (room === 0) return ok(`${bytes(used)} used`);
    const share = used / room;
    const evicted = amount(lines, "evicted_keys");
    const lost = evicted > 0 ? `; ${count(evicted, "key was", "keys were")} evicted since Redis started` : "";
    const found = `${bytes(used)} used, ${percent(share)} of ${name} (${bytes(room)})${lost}`;
    const remedy =
      "Raise maxmemory, shorten the lifetime of first visits (`firstVisitTtl`), or store less per session.";
    if (share >= fullFrom.bad)
      return bad(found, "Writes are refused or about to be: pages that change the session get 503.", remedy);
    if (share >= fullFrom.warning) return warning(found, "Little is left for a rush of visitors.", remedy);
    if (evicted > 0) return warning(found, "Each session among them logged a visitor out.", remedy);
    return ok(found);
  });
}

/** Bytes. Below this, the ratio says nothing. */
const tooLittle = 32 * 1024 ** 2;

export function fragmentation({ info }: NodeFacts): Verdict {
  return judge(info, (lines) => {
    const [used, resident] = [amount(lines, "used_memory"), amount(lines, "used_memory_rss")];
    const wasted = resident - used;
    const found = `${bytes(used)} of data in ${bytes(resident)} of memory`;
    if (wasted > tooLittle && resident > used * 1.5)
      return warning(
        `${found}: ${bytes(wasted)} lie between the keys`,
        "The machine is full before Redis knows it, and a snapshot needs more.",
        {
          remedy: "This gives back what is free already. For the rest, turn on `activedefrag`, or restart Redis.",
          commands: ["MEMORY PURGE"],
        },
      );
    if (-wasted > tooLittle && resident < used * 0.8)
      return warning(
        `${found}: the rest is probably swapped out`,
        "A session on disk takes a hundred times as long to read.",
        "Give Redis more memory, or turn off swapping on this machine.",
      );
    return ok(found);
  });
}
