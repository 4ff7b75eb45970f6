/** The kinds of values that options accept, each with its check and its wording. Pure. */
import { optionInvalid } from "../errors/index.js";

export interface OptionKind {
  readonly is: (value: unknown) => boolean;
  /** Completes "The option `x` must be ...". */
  readonly must: string;
}

export type OptionKinds = Readonly<Record<string, OptionKind>>;

const isAboveZero = (value: unknown) => typeof value === "number" && Number.isFinite(value) && value > 0;
const isCount = (value: unknown) => isAboveZero(value) && Number.isInteger(value);
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const kinds = {
  text: { is: (value) => typeof value === "string", must: "a string" },
  /** 0 and 1 as well; but no strings, because "false" would count as true. */
  flag: { is: (value) => typeof value === "boolean" || value === 0 || value === 1, must: "true or false" },
  milliseconds: { is: isAboveZero, must: "a number of milliseconds above 0" },
  count: { is: isCount, must: "a whole number above 0" },
  anything: { is: () => true, must: "" },
} satisfies OptionKinds;

export function oneOf(...values: string[]): OptionKind {
  return {
    is: (value) => values.some((allowed) => allowed === value),
    must: values.map((value) => `"${value}"`).join(" or "),
  };
}

/** A number of seconds above 0, or anything that `also` accepts. */
export function seconds(must: string, also: (value: unknown) => boolean = () => false): OptionKind {
  return { is: (value) => isAboveZero(value) || also(value), must };
}

/** An object with no options but these. */
export function group(members: OptionKinds, needed: readonly string[], example: string): OptionKind {
  const must = `an object, such as ${example}`;
  const is = (value: unknown) =>
    isObject(value) &&
    needed.every((name) => value[name] != null) &&
    Object.entries(value).every(([name, member]) => member == null || members[name]?.is(member) === true);
  return { is, must };
}

/** `null` and `undefined` count as left out. */
export function checkKinds(options: object, table: OptionKinds): void {
  for (const [name, { is, must }] of Object.entries(table)) {
    const value: unknown = Reflect.get(options, name);
    if (value != null && !is(value)) throw optionInvalid(`\`${name}\` must be ${must}`);
  }
}
