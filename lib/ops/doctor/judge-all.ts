/** All checks on all servers, as one list of findings. Pure. */
import { atRest } from "./checks/at-rest.js";
import { capacity } from "./checks/capacity.js";
import { migration } from "./checks/migration.js";
import { eviction, fragmentation, maxmemory, memory } from "./checks/memory.js";
import { aof, lastSave, snapshots } from "./checks/persistence.js";
import { ping, roundTrip, version } from "./checks/reach.js";
import { aclExcess, aclNeeded } from "./checks/rights.js";
import { database, listening, password, tls } from "./checks/safety.js";
import { expiry } from "./checks/sessions.js";
import { cluster, replicaLag, replicas, sentinel } from "./checks/topology.js";
import { clients, keepAlive, nearCache, slowLog, timeout } from "./checks/traffic.js";
import type { Facts, NodeFacts } from "./facts/facts.js";
import { checkIds, ok, type CheckId, type Finding, type Verdict } from "./finding.js";
import { count, listed } from "./words.js";

type ForNode = (node: NodeFacts, facts: Facts) => Verdict;
type ForAll = (facts: Facts) => Verdict;

const forAll = { reachable, "at-rest": atRest, cluster, sentinel, migration } satisfies Partial<
  Record<CheckId, ForAll>
>;
const forNode: Record<Exclude<CheckId, keyof typeof forAll>, ForNode> = {
  ping,
  "round-trip": roundTrip,
  version,
  password,
  tls,
  listening,
  "acl-needed": aclNeeded,
  "acl-excess": aclExcess,
  database,
  maxmemory,
  eviction,
  memory,
  fragmentation,
  capacity,
  expiry,
  aof,
  snapshots,
  "last-save": lastSave,
  replicas,
  "replica-lag": replicaLag,
  timeout,
  "keep-alive": keepAlive,
  clients,
  "slow-log": slowLog,
  "near-cache": nearCache,
};

export function judgeAll(facts: Facts): Finding[] {
  return checkIds.flatMap((check) =>
    isForAll(check) ? [{ check, ...forAll[check](facts) }] : perNode(check, forNode[check], facts),
  );
}

function isForAll(check: CheckId): check is keyof typeof forAll {
  return Object.hasOwn(forAll, check);
}

function reachable({ kind, nodes }: Facts): Verdict {
  const names = listed(nodes.map(({ name }) => name));
  return ok(kind === "cluster" ? `the cluster has ${count(nodes.length, "primary", "primaries")}: ${names}` : names);
}

/** Servers of a cluster about which the same is to be said share one finding. */
function perNode(check: CheckId, judge: ForNode, facts: Facts): Finding[] {
  const groups = new Map<string, { verdict: Verdict; nodes: string[] }>();
  for (const node of facts.nodes) {
    const verdict = judge(node, facts);
    const same = JSON.stringify(verdict);
    const group = groups.get(same);
    if (group) group.nodes.push(node.name);
    else groups.set(same, { verdict, nodes: [node.name] });
  }
  return [...groups.values()].map(({ verdict, nodes }) =>
    groups.size === 1 ? { check, ...verdict } : { check, ...verdict, nodes },
  );
}
