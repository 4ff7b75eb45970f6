/** A script of this package as a function: what its Lua does in Redis, this does in memory. */
import type { Keyspace } from "../keyspace.js";

/** @param others the keys after the first */
export type ScriptInMemory = (db: Keyspace, key: string, args: readonly string[], ...others: string[]) => unknown;

/** Arguments that a script always gets. */
export function argument(args: readonly string[], index: number): string {
  const value = args[index];
  if (value === undefined) throw new Error("ERR a script of holdfast/testing was called with too few arguments");
  return value;
}

/** The list from this argument on; a long one comes as JSON in one argument. */
export function listFrom(args: readonly string[], first: number): readonly string[] {
  return args.length === first + 1 ? JSON.parse(argument(args, first)) : args.slice(first);
}

/** Name, value, name, value, ... as pairs. */
export function pairsOf(list: readonly string[]): [name: string, value: string][] {
  return Array.from({ length: list.length / 2 }, (_, i) => [argument(list, 2 * i), argument(list, 2 * i + 1)]);
}
