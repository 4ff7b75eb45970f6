/** The scripts of `holdfast/auth` for logins and for counting attempts. Each Lua file there says what its script does. */
import {
  announceSource,
  dropEntriesSource,
  endAllLoginsSource,
  endLoginSource,
  openLoginSource,
  seeLoginSource,
} from "../../../auth/logins/scripts/embedded.js";
import { countSource } from "../../../auth/throttle/scripts/embedded.js";
import type { Keyspace } from "../keyspace.js";
import { argument, pairsOf, type ScriptInMemory } from "./script.js";

export const ofLogins: readonly (readonly [source: string, run: ScriptInMemory])[] = [
  [openLoginSource, openLogin],
  [seeLoginSource, seeLogin],
  [endLoginSource, endLogin],
  [endAllLoginsSource, endAllLogins],
  [dropEntriesSource, dropEntries],
  [announceSource, announce],
  [countSource, count],
];

type Fields = ReadonlyMap<string, string> | undefined;

function openLogin(db: Keyspace, key: string, args: readonly string[]): unknown {
  const [field = "", entry = "", epoch = "", seconds, revocation, old = "", mark = "", unlessRevoked, ...told] = args;
  const stored = db.hash(key);
  const isRevoked = stored?.has("revoked") ?? false;
  if (unlessRevoked === "1" && (isRevoked || isMark(stored?.get(field)))) return null;
  if (!stored?.has("epoch")) db.setFields(key, [["epoch", epoch]]);
  if (old !== "") {
    db.setFields(key, [[old, mark]]);
    announce(db, key, told);
  }
  db.setFields(key, [[field, entry]]);
  keepFor(db, key, Number(seconds), isRevoked ? revocation : undefined);
  return [db.hash(key)?.get("epoch"), db.hash(key)?.size];
}

function seeLogin(db: Keyspace, key: string, args: readonly string[]): number {
  const [field = "", entry = "", epoch, since, seconds, revocation] = args;
  const stored = db.hash(key);
  if (hasEnded(stored, field, epoch, since)) return 0;
  db.setFields(key, [[field, entry]]);
  keepFor(db, key, Number(seconds), stored?.has("revoked") ? revocation : undefined);
  return 1;
}

function endLogin(db: Keyspace, key: string, args: readonly string[]): number {
  const [field = "", now = "", suffix = "", revocation, asker = "", epoch, began = "", ...told] = args;
  const stored = db.hash(key);
  const logsOut = field === asker && suffix === "" && stored?.has(asker);
  if (hasEnded(stored, asker, logsOut ? stored?.get("epoch") : epoch, began)) return -1;
  let since = began;
  if (field !== asker) {
    const entry = stored?.get(field);
    if (entry === undefined || isMark(entry)) return 0;
    since = /"since":(\d+)/.exec(entry)?.[1] ?? "0";
    db.setFields(key, [["revoked", "1"]]);
    if (revocation === "") db.persist(key);
    else if (db.secondsLeft(key) < Number(revocation)) db.expire(key, Number(revocation));
  }
  db.setFields(key, [[field, `-${Number(since) > Number(now) ? since : now}${suffix}`]]);
  announce(db, key, told);
  return 1;
}

function endAllLogins(db: Keyspace, key: string, args: readonly string[]): number {
  const [epoch = "", seconds, revocation, channel = "", user = ""] = args;
  const [asker, itsEpoch, began, entry = ""] = args.slice(5);
  if (asker !== undefined && hasEnded(db.hash(key), asker, itsEpoch, began)) return -1;
  db.remove(key);
  db.setFields(key, [
    ["epoch", epoch],
    ["revoked", "1"],
  ]);
  if (asker !== undefined) db.setFields(key, [[asker, entry]]);
  if (revocation !== "") db.expire(key, Math.max(Number(seconds), Number(revocation)));
  announce(db, key, [channel, user]);
  return 1;
}

function announce(db: Keyspace, _key: string, args: readonly string[]): number {
  db.publish(argument(args, 0), argument(args, 1));
  return 1;
}

function dropEntries(db: Keyspace, key: string, args: readonly string[]): number {
  const floor = argument(args, 0);
  if (db.has(key) && Number(floor) > Number(db.hash(key)?.get("floor") ?? 0)) db.setFields(key, [["floor", floor]]);
  for (const [field, entry] of pairsOf(args.slice(1))) {
    if (db.hash(key)?.get(field) === entry) db.removeFields(key, [field]);
  }
  return 1;
}

function count(db: Keyspace, key: string, [change, window, limit]: readonly string[]): number[] {
  const before = Number(db.text(key) ?? 0);
  const after = before + Number(change);
  if (Number(change) < 0 && after <= 0) {
    db.remove(key);
    return [0, 0];
  }
  const isRefused = Number(change) > 0 && after > Number(limit);
  if (!isRefused) db.setText(key, String(after), "keep");
  if (db.millisecondsLeft(key) < 0) db.expire(key, Number(window));
  return [isRefused ? Number(limit) + 1 : after, db.millisecondsLeft(key)];
}

/** Whether the login has another epoch, is marked as ended, or is missing and began before the floor. */
function hasEnded(stored: Fields, field: string, epoch: string | undefined, since: string | undefined): boolean {
  if (stored?.get("epoch") !== epoch) return true;
  const entry = stored?.get(field);
  if (entry !== undefined) return isMark(entry);
  const floor = stored?.get("floor");
  return floor !== undefined && Number(since) <= Number(floor);
}

function isMark(entry: string | undefined): boolean {
  return entry?.startsWith("-") ?? false;
}

/** @param revocation how long a revocation has to be remembered, "" for ever; `undefined` if there was none */
function keepFor(db: Keyspace, key: string, seconds: number, revocation: string | undefined): void {
  const needed =
    revocation === undefined ? seconds : revocation === "" ? undefined : Math.max(seconds, Number(revocation));
  if (needed === undefined) db.persist(key);
  else if (db.secondsLeft(key) < needed) db.expire(key, needed);
}
