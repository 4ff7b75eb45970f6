/** Replicas, Cluster and Sentinel: would the site survive the loss of a server? Pure. */
import { judge, skipped } from "../facts/answer.js";
import type { Facts, NodeFacts } from "../facts/facts.js";
import type { OneSentinel, SentinelFacts } from "../facts/sentinel.js";
import type { Info } from "../facts/server.js";
import { bad, ok, warning, type Remedy, type Verdict } from "../finding.js";
import { setting } from "../remedies.js";
import { count, listed } from "../words.js";

interface Replica {
  readonly at: string;
  readonly isOnline: boolean;
  /** Seconds since it last confirmed something. */
  readonly lag: number;
}

/** `slave0:ip=127.0.0.1,port=6380,state=online,offset=14,lag=1` */
function replicasIn(lines: Info): Replica[] {
  return Object.keys(lines)
    .filter((name) => /^slave\d+$/.test(name))
    .map((name) => {
      const values = new Map(lines[name]!.split(",").map((pair) => [pair.split("=")[0], pair.split("=")[1]]));
      return {
        at: `${values.get("ip")}:${values.get("port")}`,
        isOnline: values.get("state") === "online",
        lag: Number(values.get("lag") ?? 0),
      };
    });
}

const isReplica = (lines: Info) => lines["role"] === "slave";

export function replicas(node: NodeFacts): Verdict {
  const { info, config } = node;
  return judge(info, (lines) => {
    if (isReplica(lines))
      return bad(
        `this server is a replica of ${lines["master_host"]}:${lines["master_port"]}`,
        "It refuses writes, so no session can be saved, and what it reads is old.",
        "Connect to the primary; with --sentinel or --cluster, the client follows it by itself.",
      );
    const all = replicasIn(lines);
    const needed = Number(config("min-replicas-to-write").value ?? 0);
    const good = Number(lines["min_slaves_good_slaves"] ?? needed); // only there if some are needed
    if (good < needed)
      return bad(
        `${good} of the ${count(needed, "replica", "replicas")} without which Redis takes no writes (min-replicas-to-write)`,
        "No session can be saved: pages that change one get 503.",
        setting(node, "min-replicas-to-write", "0", "Bring the replicas back, or take writes without them."),
      );
    if (all.length > 0) return ok(count(all.length, "replica", "replicas"));
    return warning(
      "this server has no replica",
      "If it is lost, the site has no sessions until it is back, and loses what its disk does not hold.",
      "Add a replica (REPLICAOF), and Sentinel or a managed service that promotes it.",
    );
  });
}

/** Seconds. A replica confirms once a second. */
const usualLag = 3;

export function replicaLag({ info }: NodeFacts): Verdict {
  return judge(info, (lines) => {
    const all = replicasIn(lines);
    if (isReplica(lines)) {
      if (lines["master_link_status"] === "up") return ok("the link to the primary is up");
      return bad(
        "the link to the primary is down",
        "This server's data is getting old.",
        "Look at the log of both servers: password (masterauth), network, or a full output buffer.",
      );
    }
    if (all.length === 0) return ok("no replica that could lag");
    const late = all.filter(({ isOnline, lag }) => !isOnline || lag > usualLag);
    if (late.length === 0) return ok(`no replica is more than ${count(usualLag, "second", "seconds")} behind`);
    return warning(
      late
        .map(
          ({ at, isOnline, lag }) => `${at} ${isOnline ? `has confirmed nothing for ${lag} s` : "is not in sync yet"}`,
        )
        .join("; "),
      "If it is promoted now, it lacks the latest sessions, logouts included.",
      "Look at the replica's log and load, and at the network between the two.",
    );
  });
}

export function cluster({ kind, cluster, nodes }: Facts): Verdict {
  const isClusterServer = nodes.some(({ info }) => info.value?.["cluster_enabled"] === "1");
  if (kind !== "cluster") {
    if (!isClusterServer) return ok("not a cluster");
    return bad(
      "this server is part of a cluster, and the client does not know that",
      "Keys on the other servers cannot be reached: requests fail with MOVED.",
      "Name the cluster: --cluster host:port,… here, the option `cluster` in the app.",
    );
  }
  if (!cluster) return ok(count(nodes.length, "primary", "primaries"));
  return judge(cluster, (lines) => {
    const [assigned, failed] = [Number(lines["cluster_slots_assigned"]), Number(lines["cluster_slots_fail"])];
    const state = `state ${lines["cluster_state"]}, ${count(assigned, "slot", "slots")} of 16,384 assigned`;
    if (lines["cluster_state"] !== "ok" || assigned < 16_384 || failed > 0)
      return bad(
        failed > 0 ? `${state}, ${count(failed, "slot", "slots")} without a working server` : state,
        "Sessions in these slots cannot be read or saved.",
        {
          remedy:
            "The first command shows what is wrong; the second one mends it, once the lost servers will not come back.",
          commands: ["check", "fix"].map((step) => `redis-cli --cluster ${step} ${nodes[0]?.name}`),
        },
      );
    const strict = nodes.filter(({ config }) => config("cluster-require-full-coverage").value === "yes");
    const found = `${state}, ${count(nodes.length, "primary", "primaries")}`;
    if (strict.length === 0) return ok(found);
    return warning(
      `${found}; cluster-require-full-coverage yes on ${listed(strict.map(({ name }) => name))}`,
      "While one primary is being replaced, all sessions fail, and not just those on it.",
      setting(
        strict[0]!,
        "cluster-require-full-coverage",
        "no",
        "Change it on each of these servers, and on their replicas.",
      ),
    );
  });
}

export function sentinel({ kind, sentinel }: Facts): Verdict {
  if (!sentinel) {
    if (kind !== "sentinel") return ok("not used");
    return { level: "skipped", found: "not checked: the addresses of the sentinels were not given" };
  }
  const { name, sentinels } = sentinel;
  const answering = sentinels.filter(({ primary }) => !primary.problem);
  const [first] = sentinels;
  if (answering.length === 0 && first?.primary.problem) {
    if (first.primary.problem.kind !== "silent") return skipped(first.primary.problem);
    return bad(`none of the sentinels answers`, noPromotion, "Start them, and check the addresses.");
  }
  return worst(name, sentinels, answering);
}

/** Whatever the quorum, it takes the majority of all that are known to promote a replica. */
function ofQuorum(name: string, known: number, answering: readonly OneSentinel[]): string | Remedy {
  const majority = Math.floor(known / 2) + 1;
  const isHigher = answering.some(({ primary }) => Number(primary.value?.["quorum"]) > majority);
  if (!isHigher || answering.length < majority) return "Start the missing ones.";
  return {
    remedy: `The quorum is higher than the majority of the ${known} that are known. Start more of them, or lower it.`,
    commands: onSentinels(answering, `SENTINEL SET ${name} quorum ${majority}`),
  };
}

/** For a shell: `redis-cli` is usually connected to the primary. */
function onSentinels(sentinels: readonly OneSentinel[], command: string): string[] {
  return sentinels.map(({ at }) => {
    const colon = at.lastIndexOf(":");
    return `redis-cli -h ${at.slice(0, colon).replace(/^\[|\]$/g, "")} -p ${at.slice(colon + 1)} ${command}`;
  });
}

const noPromotion = "If the primary is lost, nobody promotes a replica: the site has no sessions.";

function worst(name: SentinelFacts["name"], all: readonly OneSentinel[], answering: readonly OneSentinel[]): Verdict {
  const flags = new Set(answering.flatMap(({ primary }) => String(primary.value?.["flags"]).split(",")));
  if (flags.has("o_down") || flags.has("s_down"))
    return bad(`the sentinels cannot reach the primary of ${name}`, noPromotion, {
      remedy: "Start it again, or wait until they have promoted a replica. The command shows what they know.",
      commands: onSentinels(answering.slice(0, 1), `SENTINEL MASTER ${name}`),
    });
  const known = Math.max(...answering.map(({ primary }) => Number(primary.value?.["num-other-sentinels"] ?? 0) + 1));
  if (answering.some(({ hasQuorum }) => hasQuorum.value === false))
    return bad(
      `too few sentinels are there to agree on a new primary of ${name}`,
      noPromotion,
      ofQuorum(name, known, answering),
    );
  const silent = all.filter(({ primary }) => primary.problem).map(({ at }) => at);
  if (silent.length > 0)
    return warning(
      `${listed(silent)} did not answer`,
      "With one sentinel less, the loss of another may be one too many.",
      "Start it again, or correct its address.",
    );
  if (known < 3)
    return warning(
      `${count(known, "sentinel watches", "sentinels watch")} ${name}`,
      "It takes three to tell a lost primary from a lost network, and to survive the loss of one of them.",
      "Add sentinels on other machines.",
    );
  return ok(`${count(known, "sentinel watches", "sentinels watch")} ${name}, and could agree on a new primary`);
}
