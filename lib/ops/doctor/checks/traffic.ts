/** Connections and commands. Pure. */
import { firstOf, judge, mapAnswer } from "../facts/answer.js";
import type { NodeFacts } from "../facts/facts.js";
import { bad, ok, warning, type Verdict } from "../finding.js";
import { setting } from "../remedies.js";
import { count, listed, milliseconds, number, percent } from "../words.js";

export function timeout(node: NodeFacts): Verdict {
  const { config } = node;
  return judge(mapAnswer(config("timeout"), Number), (seconds) => {
    if (seconds === 0) return ok("Redis never closes an idle connection");
    const found = `Redis closes a connection that was idle for ${count(seconds, "second", "seconds")}`;
    if (seconds >= 60) return ok(found);
    return warning(
      found,
      "A client without `pingInterval` loses its connection in every quiet minute. Connections that Holdfast opens send a PING every 3 s.",
      setting(node, "timeout", "0", "Let connections stay open."),
    );
  });
}

export function keepAlive(node: NodeFacts): Verdict {
  const { config } = node;
  return judge(mapAnswer(config("tcp-keepalive"), Number), (seconds) => {
    if (seconds > 0 && seconds <= 900) return ok(`every ${count(seconds, "second", "seconds")}`);
    return warning(
      seconds === 0 ? "off" : `every ${count(seconds, "second", "seconds")}`,
      "Connections of machines that vanished stay open, and count against maxclients.",
      setting(node, "tcp-keepalive", "300", "Look after them every five minutes."),
    );
  });
}

export function clients(node: NodeFacts): Verdict {
  const { info, config } = node;
  return judge(info, (lines) => {
    const connected = Number(lines["connected_clients"] ?? 0);
    const rejected = Number(lines["rejected_connections"] ?? 0);
    const limit = firstOf(
      config("maxclients"),
      mapAnswer(info, (all) => all["maxclients"] ?? "0"),
    );
    const most = Number(limit.value ?? 0);
    const share = most > 0 ? connected / most : 0;
    const refused = rejected > 0 ? `; ${count(rejected, "was", "were")} rejected since Redis started` : "";
    const found = `${count(connected, "connection", "connections")}${most > 0 ? ` of ${number(most)}, ${percent(share)}` : ""}${refused}`;
    const usual = "One connection per process of the app is normal; CLIENT LIST shows who holds them.";
    const remedy = setting(node, "maxclients", String(most * 2), `${usual} If all are needed, allow more.`);
    if (share >= 0.95) return bad(found, "The next process of the app that starts cannot connect.", remedy);
    if (share >= 0.75)
      return warning(found, "During a deployment, old and new processes are connected at once.", remedy);
    if (rejected > 0) return warning(found, "Each of them was a process without sessions.", usual);
    return ok(found);
  });
}

/** Milliseconds: commands of sessions take less than one. */
const slow = 10;
const hour = 3_600_000;

export function slowLog(node: NodeFacts): Verdict {
  const { slow: answer, info, config } = node;
  return judge(answer, (entries) => {
    if (Number(config("slowlog-log-slower-than").value ?? 0) < 0)
      return warning(
        "Redis notes no slow commands",
        "If requests wait, nothing shows for what.",
        setting(node, "slowlog-log-slower-than", "10000", "Let it note those that take 10 ms or longer."),
      );
    const now = Number(info.value?.["server_time_usec"] ?? Date.now() * 1000) / 1000;
    const recent = entries.filter(({ at, took }) => now - at <= hour && took >= slow);
    if (recent.length === 0) return ok(`no command took ${slow} ms or longer within the last hour`);
    const slowest = Math.max(...recent.map(({ took }) => took));
    const names = [...new Set(recent.map(({ command }) => command))];
    return warning(
      `${count(recent.length, "command", "commands")} took ${slow} ms or longer within the last hour, up to ${milliseconds(slowest)}: ${listed(names)}`,
      "Redis runs one command at a time: all requests waited for it.",
      {
        remedy:
          "Move what is not of sessions to another server, and use SCAN in place of KEYS. The command shows the slow ones, with the ids of sessions in them.",
        commands: ["SLOWLOG GET 10"],
      },
    );
  });
}

export function nearCache(node: NodeFacts): Verdict {
  const { info, config } = node;
  return judge(info, (lines) => {
    const tracking = Number(lines["tracking_clients"] ?? 0);
    const tracked = Number(lines["tracking_total_keys"] ?? 0);
    const most = Number(config("tracking-table-max-keys").value ?? 0);
    if (tracking === 0) return ok("no connection tracks keys; possible with this server");
    const found = `${count(tracking, "connection tracks", "connections track")} ${count(tracked, "key", "keys")}${most > 0 ? ` of at most ${number(most)}` : ""}`;
    if (most === 0 || tracked < most * 0.9) return ok(found);
    return warning(
      found,
      "When the table is full, Redis makes the apps forget sessions at random, and they ask for them again.",
      setting(
        node,
        "tracking-table-max-keys",
        String(most * 4),
        "Give it more room, or set a lower `maxEntries` in the option `nearCache`.",
      ),
    );
  });
}
