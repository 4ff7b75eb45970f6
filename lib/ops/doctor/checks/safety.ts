/** Who can reach Redis, read along, or log in? Pure. */
import { judge, mapAnswer, firstOf, type Answer } from "../facts/answer.js";
import { isLoopback } from "../facts/connection.js";
import type { Facts, NodeFacts } from "../facts/facts.js";
import { bad, ok, warning, type Verdict } from "../finding.js";
import { setting } from "../remedies.js";
import { count, listed, number, percent } from "../words.js";

const takesAll = "Whoever connects can read and change every session, and so be any user of your site.";

export function password(node: NodeFacts): Verdict {
  return judge(isOpen(node), (open) => {
    if (!open) return ok("Redis asks for a password");
    const remedy =
      "Give the app a user of its own, and then turn off the login without a password: docs/production.md, the Redis user.";
    const reach = reachOf(node);
    const isExposed = reach.problem ? node.connection.isLocal === false : isBeyond(reach.value);
    if (isExposed) return bad("anyone may connect without a password, from other machines too", takesAll, remedy);
    return warning(
      "anyone on this machine may connect without a password",
      "A flaw in any program on this machine is enough to be any user of your site.",
      remedy,
    );
  });
}

/** A client without a password that works proves more than a user list that may not be read. */
function isOpen({ acl, connection }: NodeFacts): Answer<boolean> {
  const isProven = connection.hasPassword === false;
  return isProven ? { value: true } : acl.isOpen;
}

export function tls({ connection: { tls, isLocal } }: NodeFacts): Verdict {
  if (tls) return ok("the connection uses TLS");
  if (isLocal) return ok("no TLS; not needed, because Redis is on the same machine");
  if (tls === undefined)
    return { level: "skipped", found: "not checked: a client of this kind does not show its connection" };
  return warning(
    "the connection is not encrypted",
    "Whoever can read along on the network sees session ids and the Redis password, and can be any user.",
    "Set tls-port and certificates in redis.conf, and write rediss:// (with Sentinel and Cluster: the option `tls`).",
  );
}

interface Reach {
  /** The addresses that Redis listens on. */
  readonly addresses: readonly string[];
  /** Redis rejects other machines as long as nobody needs a password. */
  readonly isProtected: boolean;
}

function reachOf({ config, info, acl }: NodeFacts): Answer<Reach> {
  const isProtected = acl.isOpen.value === true && config("protected-mode").value === "yes";
  const bound = mapAnswer(config("bind"), (text) => text.split(/\s+/).filter(Boolean));
  // Since Redis 7.2, `listener0:name=tcp,bind=127.0.0.1,bind=-::1,port=6379`.
  const listeners = mapAnswer(info, (lines) =>
    Object.keys(lines)
      .filter((name) => /^listener\d+$/.test(name))
      .flatMap((name) => [...lines[name]!.matchAll(/bind=([^,]+)/g)].map(([, address]) => address!)),
  );
  const known = bound.problem && listeners.value?.length === 0 ? bound : firstOf(bound, listeners);
  return mapAnswer(known, (addresses) => ({ addresses, isProtected }));
}

function isBeyond({ addresses, isProtected }: Reach): boolean {
  return !isProtected && beyond(addresses).length > 0;
}

/** `-` before an address: Redis starts without it if there is none. */
function beyond(addresses: readonly string[]): string[] {
  const all = addresses.length === 0 ? ["*"] : addresses;
  return all.map((address) => address.replace(/^-/, "")).filter((address) => !isLoopback(address));
}

export function listening(node: NodeFacts): Verdict {
  return judge(reachOf(node), (reach) => {
    const others = beyond(reach.addresses);
    if (others.length === 0) return ok("Redis listens on this machine only");
    const found = `Redis listens on ${listed(others)}`;
    if (reach.isProtected)
      return warning(
        `${found}, but answers only this machine (protected mode)`,
        "Protected mode ends as soon as somebody turns it off to reach Redis from elsewhere.",
        setting(node, "bind", "127.0.0.1 -::1", "Let it listen on this machine only."),
      );
    const isEverywhere = others.some((address) => ["*", "0.0.0.0", "::", "::*"].includes(address));
    if (!isEverywhere) return ok(found);
    return warning(
      `${found}: every network that this machine is in`,
      "One wrong rule in a firewall, and the whole Internet can try passwords.",
      "Name only the address of the private network: `bind` in redis.conf.",
    );
  });
}

export function database({ keys, connection, info }: NodeFacts, { kind, places }: Facts): Verdict {
  if (keys.problem && keys.seen === 0) return judge({ problem: keys.problem }, () => ok(""));
  const { other } = keys.counts;
  const own = keys.seen - other;
  const name = kind === "cluster" ? "the cluster" : `database ${connection.database}`;
  if (other > 0)
    return warning(
      `${count(other, "key", "keys")} in ${name} belong to something else (${percent(other / keys.seen)} of the keys looked at)`,
      "A FLUSHDB of the other app logs everyone out, its keys take memory from sessions, and listing sessions has to step over them.",
      "Give sessions a server of their own, or at least a database with another number.",
    );
  const strangers = keys.sessions.filter(({ form }) => form === "other");
  if (strangers.length > 0)
    return warning(
      `${number(strangers.length)} of ${count(keys.sessions.length, "key", "keys")} looked at under ${places.prefix}* are no sessions: ${listed([...new Set(strangers.map(({ type }) => type ?? "another type"))].sort())}`,
      "They were written by something else, take memory from sessions, and a session with the same id could not be saved.",
      "Find out what writes them, and give one of the two another prefix: the option `prefix` of your store.",
    );
  const others = Object.keys(info.value ?? {}).filter(
    (line) => /^db\d+$/.test(line) && line !== `db${connection.database}`,
  );
  const beside = others.length === 0 ? "" : `; ${listed(others)} on the same server share its memory`;
  return ok(own === 0 ? `${name} is empty${beside}` : `${name} holds nothing but Holdfast's keys${beside}`);
}
