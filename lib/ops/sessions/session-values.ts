/** Parses what was found, by the same rules as for a request. */
import type { RedisSessionStore } from "../../express-session/index.js";
import { isObject } from "../../options/index.js";
import { isTooDeep, setSlot, unreadable, type JsonObject, type Stored } from "../../session/index.js";

/** The values of a session; undefined if it cannot be read as one. */
export type Values = JsonObject | undefined;

type Parse = (stored: Stored, bytes: number) => Values | Promise<Values>;

/** @returns a promise only for the app's own serializer */
export function parserOf({ serializer }: Pick<RedisSessionStore, "serializer">): Parse {
  const isJson = serializer === JSON;
  return (stored, bytes) => {
    if (stored.form === "hash") return unlessItFails(() => fieldsIn(stored.fields));
    const { packed, text } = stored;
    if (packed === undefined && text.includes(substitute) && Buffer.byteLength(text) !== bytes) return undefined; // not UTF-8
    if (text === unreadable) return undefined;
    return isJson ? unlessItFails(() => parsed(text)) : parsedByApp(serializer, text);
  };
}

const substitute = "\uFFFD";

async function parsedByApp(serializer: RedisSessionStore["serializer"], text: string): Promise<Values> {
  try {
    const values: unknown = await serializer.parse(text);
    return isValues(values) ? values : undefined;
  } catch {
    return undefined;
  }
}

/** A hash without the field `cookie` is not ours. */
function fieldsIn(fields: Record<string, string>): Values {
  if (fields["cookie"] === undefined) return undefined;
  const values: JsonObject = {};
  for (const name in fields) setSlot(values, name, parsed(fields[name]!, 1));
  return values;
}

function parsed<T>(text: string, outside?: number): T {
  if (isTooDeep(text, outside)) throw new RangeError("nested too deep");
  return JSON.parse(text);
}

function unlessItFails(parse: () => unknown): Values {
  try {
    const values = parse();
    return isValues(values) ? values : undefined;
  } catch {
    return undefined;
  }
}

/** Of whatever class, which the app's serializer decides. */
function isValues(values: unknown): values is JsonObject {
  return isObject(values);
}
