/** Numbers for people. Pure. */

export function number(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

export function count(value: number, one: string, many: string): string {
  return `${number(value)} ${Math.round(value) === 1 ? one : many}`;
}

/** `512 B`, `1.5 KB`, `64 MB`: as Redis counts, 1 KB is 1024 B. */
export function bytes(value: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let [rest, unit] = [value, 0];
  while (rest >= 1024 && unit < units.length - 1) [rest, unit] = [rest / 1024, unit + 1];
  return `${Number(rest.toFixed(rest < 10 ? 1 : 0)).toLocaleString("en-US")} ${units[unit]}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** Milliseconds. */
export function milliseconds(value: number): string {
  return `${value < 10 ? Number(value.toFixed(2)) : number(value)} ms`;
}

/** The first few of a list, and how many more there are. */
export function listed(all: readonly string[], shown = 6): string {
  const more = all.length - shown;
  return more > 0 ? `${all.slice(0, shown).join(", ")} and ${number(more)} more` : all.join(", ");
}
