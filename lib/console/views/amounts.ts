/** Amounts in words, as short as they can be read at a glance. Pure. */

const none = "–";

export function number(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return none;
  const digits = value !== 0 && Math.abs(value) < 10 ? 1 : 0;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

export function bytes(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return none;
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  let unit = 0;
  let amount = value;
  while (amount >= 1000 && unit < units.length - 1) [amount, unit] = [amount / 1024, unit + 1];
  return value === 1 ? "1 byte" : `${number(amount)} ${units[unit]}`;
}

export function milliseconds(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return none;
  return value >= 1000 ? `${number(value / 1000)} s` : `${number(value)} ms`;
}

export function percent(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return none;
  // Not quite all of it must not look like all of it.
  const digits = value > 99 && value < 100 ? 2 : value < 10 ? 1 : 0;
  const cut = Math.floor(value * 10 ** digits) / 10 ** digits;
  return `${cut.toLocaleString("en", { maximumFractionDigits: digits })}%`;
}

/** A length of time in its largest unit, such as `3 h`. */
export function seconds(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return none;
  for (const [name, length] of [
    ["d", 86_400],
    ["h", 3600],
    ["min", 60],
  ] as const)
    // prettier-ignore
    if (value >= 2 * length) return `${Math.floor(value / length)} ${name}`;
  return `${Math.floor(value)} s`;
}
