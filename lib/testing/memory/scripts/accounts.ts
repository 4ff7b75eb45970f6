/** The scripts of `RedisAccounts`. Each file in lib/auth/accounts/scripts says what its script does. */
import {
  beginAccountSource,
  changePasswordSource,
  finishAccountSource,
  removeAccountSource,
  replaceClaimSource,
  setDisabledSource,
} from "../../../auth/accounts/scripts/embedded.js";
import type { Keyspace } from "../keyspace.js";
import { argument, pairsOf, type ScriptInMemory } from "./script.js";

export const ofAccounts: readonly (readonly [source: string, run: ScriptInMemory])[] = [
  [beginAccountSource, beginAccount],
  [finishAccountSource, finishAccount],
  [replaceClaimSource, replaceClaim],
  [changePasswordSource, changePassword],
  [setDisabledSource, setDisabled],
  [removeAccountSource, removeAccount],
];

function beginAccount(db: Keyspace, key: string, [seconds, ...fields]: readonly string[]): number {
  db.setFields(key, pairsOf(fields));
  db.expire(key, Number(seconds));
  return 1;
}

function finishAccount(db: Keyspace, key: string, args: readonly string[]): number {
  if (!db.has(key)) return 0;
  db.setFields(key, [["createdAt", argument(args, 0)]]);
  db.persist(key);
  return 1;
}

function replaceClaim(db: Keyspace, key: string, [owner, next = ""]: readonly string[]): number {
  if (db.text(key) !== owner) return 0;
  if (next === "") db.remove(key);
  else db.setText(key, next);
  return 1;
}

function changePassword(db: Keyspace, key: string, [from, to = ""]: readonly string[]): number {
  if (db.hash(key)?.get("passwordHash") !== from) return 0;
  db.setFields(key, [["passwordHash", to]]);
  return 1;
}

function setDisabled(db: Keyspace, key: string, [isDisabled]: readonly string[]): number {
  if (!db.has(key)) return 0;
  if (isDisabled === "1") db.setFields(key, [["disabled", "1"]]);
  else db.removeFields(key, ["disabled"]);
  return 1;
}

function removeAccount(db: Keyspace, key: string): unknown {
  const fields = db.hash(key);
  const names = [fields?.get("username") ?? null, fields?.get("email") ?? null];
  return [db.remove(key) ? 1 : 0, ...names];
}
