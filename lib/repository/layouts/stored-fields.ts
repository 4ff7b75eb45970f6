/** What the scripts of the layout `hash` take: fields and changes of fields in their stored form. Pure. */
import { isPacked, rawFields, type FieldChange, type Stored } from "../../session/index.js";
import { listOf } from "../fields.js";

type Hash = Stored & { form: "hash" };

/** What the script is to change, and under which conditions. */
interface StoredChanges {
  readonly changes: FieldChange[];
  /** How many fields there must be; "" if others may have been added. */
  readonly count: string;
}

/**
 * Changes as the script compares and writes them: compressed or encrypted where they are, or are to be, in Redis. A field
 * whose form changes is written too. Redis cannot count with such a value, so a counter is then compared and set.
 *
 * @param isUniform whether all fields of a session must have one form, the same key included. Then nothing is written
 *   beside a cookie of another form than was loaded; and whoever gives all fields another form has to know all of them.
 */
export function inStoredForm(changes: FieldChange[], before: Hash, after: Hash, isUniform: boolean): StoredChanges {
  const [inRedis, next] = [rawFields(before), rawFields(after)];
  const list = before.packed || after.packed ? packedChanges(changes, before, after) : changes;
  if (!isUniform) return { changes: list, count: "" };
  const [expected, value] = [inRedis[cookie], next[cookie]];
  const isCompared = list.some(({ field }) => field === cookie);
  return {
    changes: isCompared ? list : [...list, { kind: "set", field: cookie, expected, value }],
    count: expected === value ? "" : String(Object.keys(inRedis).length),
  };
}

/** The field that every session has. */
const cookie = "cookie";

function packedChanges(changes: FieldChange[], before: Hash, after: Hash): FieldChange[] {
  const [inRedis, next] = [rawFields(before), rawFields(after)];
  const isChanged = new Set(changes.map(({ field }) => field));
  const others = Object.keys(next).filter((field) => !isChanged.has(field) && inRedis[field] !== next[field]);
  return [
    ...changes.map((change) => {
      const { expected, field, kind, value } = change;
      if (isOpaque(inRedis[field]) || isOpaque(next[field]))
        return { kind: "set", field, expected: inRedis[field], value: next[field] } as const;
      if (kind === "sum") return change;
      return {
        ...change,
        expected: expected === before.fields[field] ? inRedis[field] : expected,
        value: value === after.fields[field] ? next[field] : value,
      };
    }),
    ...others.map((field) => ({ kind: "set", field, expected: inRedis[field], value: next[field] }) as const),
  ];
}

function isOpaque(value: string | undefined): boolean {
  return value !== undefined && isPacked(value);
}

/** Groups of four, as the script reads them; no JSON text is empty, so "" stands for "not there". */
export function groupOf({ kind, field, expected, value }: FieldChange): string[] {
  return [kind, field, expected ?? "", value ?? ""];
}

/** Name, value, name, value, ...; nothing for a string. */
export function flat(whole: Stored): string[] {
  return whole.form === "hash" ? listOf(rawFields(whole)) : [];
}
