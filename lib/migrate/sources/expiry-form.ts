/** In which form a column stores the expiry time, if its type does not tell: derived from its values. Pure. */

export type Form =
  /** Seconds or milliseconds since 1970. */
  | { readonly kind: "number"; readonly unit: "seconds" | "milliseconds" }
  /** ISO 8601 and similar; UTC if there is no zone. */
  | { readonly kind: "text"; readonly between: string; readonly digits: number; readonly zone: string };

export const milliseconds: Form = { kind: "number", unit: "milliseconds" };
export const seconds: Form = { kind: "number", unit: "seconds" };
export const isoText: Form = { kind: "text", between: "T", digits: 3, zone: "Z" };

/** As milliseconds this is in 1973, as seconds in the year 5138. */
const fewestMilliseconds = 1e11;
/** Smaller values tell nothing, such as a zero that means "expired". */
const fewestSeconds = 1e8;
/** The share of values that must agree. */
const enough = 0.9;

const dateAndTime = /^(\d{4}-\d\d-\d\d)([T ])(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?( ?(?:Z|[+-]\d\d:?\d\d))?$/i;

/** The form of these values; `fallback` if none of them tells. Undefined if they disagree, or nothing is known. */
export function formOf(values: readonly unknown[], fallback: Form | undefined): Form | undefined {
  const found = new Map<string, { form: Form; count: number }>();
  let total = 0;
  for (const value of values) {
    const form = formOfOne(value);
    if (!form) continue;
    total++;
    const key = JSON.stringify(form);
    const before = found.get(key);
    if (before) before.count++;
    else found.set(key, { form, count: 1 });
  }
  if (total === 0) return fallback;
  return [...found.values()].find(({ count }) => count >= total * enough)?.form;
}

function formOfOne(value: unknown): Form | undefined {
  if (typeof value === "number") {
    if (!(value >= fewestSeconds)) return undefined;
    return value >= fewestMilliseconds ? milliseconds : seconds;
  }
  const parts = typeof value === "string" ? dateAndTime.exec(value) : null;
  if (!parts) return undefined;
  return { kind: "text", between: parts[2]!, digits: parts[4]?.length ?? 0, zone: parts[5] ?? "" };
}

/** Milliseconds since 1970; NaN if it is not a time. The size of a number tells its unit. */
export function readExpiry(value: unknown): number {
  if (typeof value === "number") return value >= fewestMilliseconds ? value : value * 1000;
  const parts = typeof value === "string" ? dateAndTime.exec(value) : null;
  if (!parts) return Number.NaN;
  const [, date, , time, fraction = "0", zone = ""] = parts;
  return Date.parse(`${date}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}Z`) - offsetOf(zone);
}

/** Rounded up, so that no session expires early. */
export function writeExpiry(time: number, form: Form): number | string {
  if (form.kind === "number") return form.unit === "seconds" ? Math.ceil(time / 1000) : Math.ceil(time);
  const { between, digits, zone } = form;
  const step = 10 ** (3 - Math.min(digits, 3));
  const text = new Date(Math.ceil(time / step) * step + offsetOf(zone)).toISOString();
  const fraction = digits === 0 ? "" : `.${text.slice(20, 23).slice(0, digits).padEnd(digits, "0")}`;
  return `${text.slice(0, 10)}${between}${text.slice(11, 19)}${fraction}${zone}`;
}

/** Milliseconds by which a zone such as ` +05:30` is ahead of UTC. */
export function offsetOf(zone: string): number {
  const [, sign, hours, minutes] = /([+-])(\d\d):?(\d\d)/.exec(zone) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
}
