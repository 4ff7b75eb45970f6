/** The scripts of lib/repository/scripts that save sessions. Each file there says what its script does. */
import { sessionScripts } from "../../../repository/index.js";
import type { Keyspace } from "../keyspace.js";
import { argument, listFrom, pairsOf, type ScriptInMemory } from "./script.js";

export const ofSessions: readonly (readonly [source: string, run: ScriptInMemory])[] = [
  [sessionScripts.replaceSource, replace],
  [sessionScripts.replaceHashSource, replaceHash],
  [sessionScripts.replaceTextSource, replaceText],
  [sessionScripts.replaceFieldsSource, replaceFields],
  [sessionScripts.createHashSource, createHash],
  [sessionScripts.putSource, put],
  [sessionScripts.bringSource, bring],
];

function replace(db: Keyspace, key: string, [loaded, text = "", seconds]: readonly string[]): string | number {
  const stored = db.text(key);
  if (!stored) return 0;
  if (stored !== loaded) return stored;
  db.setText(key, text, seconds === "" ? "keep" : Number(seconds));
  return 1;
}

function replaceHash(db: Keyspace, key: string, args: readonly string[]): number {
  const stored = db.hash(key);
  if (!stored) return 0;
  const loaded = pairsOf(listFrom(args, 2));
  const isSame = stored.size === loaded.length && loaded.every(([name, value]) => stored.get(name) === value);
  if (!isSame) return -1;
  db.setText(key, argument(args, 0), Number(args[1]));
  return 1;
}

function replaceText(db: Keyspace, key: string, args: readonly string[]): number {
  const stored = db.text(key);
  if (!stored) return 0;
  if (stored !== args[0]) return -1;
  return createHash(db, key, args.slice(1));
}

function put(db: Keyspace, key: string, [text = "", seconds]: readonly string[], other = ""): number {
  db.remove(other);
  db.setText(key, text, Number(seconds));
  return 1;
}

function createHash(db: Keyspace, key: string, args: readonly string[], ...others: string[]): number {
  for (const one of [key, ...others]) db.remove(one);
  db.setFields(key, pairsOf(listFrom(args, 1)));
  if (args[0] !== "0") db.expire(key, Number(args[0]));
  return 1;
}

function bring(db: Keyspace, key: string, _args: readonly string[], other = ""): number {
  if (db.has(key)) return db.isEmptyText(key) || db.lacksField(key, "cookie") ? 0 : 1;
  if (!db.has(other) || db.isEmptyText(other)) return 0;
  db.rename(other, key);
  return 2;
}

function replaceFields(db: Keyspace, key: string, args: readonly string[]): number | string[] {
  const stored = db.hash(key);
  if (!stored?.has("cookie")) return 0;
  if (args[2] !== "" && stored.size !== Number(args[2])) return [...stored].flat();
  const list = listFrom(args, 3);
  const written: [string, string][] = [];
  const removed: string[] = [];
  for (let i = 0; i < list.length; i += 4) {
    const [kind, field = "", expected, given = ""] = list.slice(i, i + 4);
    const now = stored.get(field) ?? "";
    const value = merged(kind, now, expected, given);
    if (value === undefined) return [...stored].flat();
    if (value === "") removed.push(field);
    else if (value !== now) written.push([field, value]);
  }
  db.setFields(key, written);
  db.removeFields(key, removed);
  if (args[0] !== "") db.expire(key, Number(args[0]));
  return 1;
}

/** What to store; `undefined` if the field has changed, and not as a counter does. */
function merged(
  kind: string | undefined,
  now: string,
  expected: string | undefined,
  given: string,
): string | undefined {
  if (kind === "sum") {
    const isCount = (now === "" || /^-?\d+$/.test(now)) && now.length < 16;
    return isCount ? String(Number(now) + Number(given)) : undefined;
  }
  if (now === expected) return given;
  const isNumber = now === "" || !Number.isNaN(Number(now));
  if ((kind !== "max" && kind !== "min") || !isNumber) return undefined;
  if (now === "") return given;
  const isPast = kind === "max" ? Number(now) > Number(given) : Number(now) < Number(given);
  return isPast ? now : given;
}
