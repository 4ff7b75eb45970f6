/** The fields of a hash as Redis lists them and scripts take them: name, value, name, value, ... Pure. */
import { toUSVString } from "node:util";
import type { Fields } from "../session/index.js";

/** Without a prototype, so that a field named `__proto__` or `valueOf` is a field like any other. */
export function fieldsOfReply(reply: readonly unknown[]): Fields {
  const fields: Fields = Object.create(null);
  for (let i = 0; i + 1 < reply.length; i += 2) fields[String(reply[i])] = String(reply[i + 1]);
  return fields;
}

export function listOf(fields: Fields): string[] {
  return Object.entries(fields).flat();
}

/** Longer lists cannot be passed as arguments by the client library. */
const longest = 20_000;

/** A list as a script takes it: a long one as JSON in one argument. */
export function argumentsOf(list: string[]): string[] {
  return list.length <= longest ? list : [JSON.stringify(list.map((text) => toUSVString(text)))];
}
