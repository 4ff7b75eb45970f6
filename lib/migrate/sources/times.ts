/**
 * Whether the expiry column means what it seems to mean. A time zone or a clock that is hours off would make live
 * sessions look expired, or expired ones live; the cookies inside the rows tell. Pure.
 */
import { propertyOf } from "../../errors/index.js";

export interface TimedRow {
  /** The session as JSON text. */
  readonly text: string;
  /** The expiry column as read, in milliseconds since 1970; NaN if it holds no time. */
  readonly column: number;
}

export type TimeVerdict =
  /** The column matches the cookies; or no cookie has an expiry, and most rows are live (`compared` is 0). */
  | { readonly kind: "fine"; readonly compared: number }
  /** The column is later than the cookies by these milliseconds, or earlier if negative. */
  | { readonly kind: "shifted"; readonly by: number; readonly compared: number }
  /** Most rows seem to have expired, and nothing confirms it. */
  | { readonly kind: "expired"; readonly expired: number; readonly rows: number };

/** Milliseconds that clocks and the rounding of stores may account for. */
const tolerance = 120_000;
/** The share of comparable rows that may be wrong by accident. */
const suspicious = 0.05;
const quarterOfAnHour = 900_000;

/**
 * A store writes cookie and column together; a touch moves only the column, and only later. So a correct column is
 * never earlier than the cookie's expiry, and never further ahead than the cookie's full age.
 *
 * @param now the database's clock, in milliseconds since 1970
 * @param here this machine's clock, in milliseconds since 1970
 */
export function judgeTimes(rows: readonly TimedRow[], now: number, here: number): TimeVerdict {
  const timed = rows.filter(({ column }) => Number.isFinite(column));
  /** Per row, the least and the most that the column can be off, according to the cookie. */
  const bounds = timed.flatMap(({ text, column }) => {
    const cookie = cookieOf(text);
    return cookie ? [{ least: column - now - cookie.age, most: column - cookie.end }] : [];
  });
  const least = bounds.map((bound) => bound.least).sort(ascending);
  const most = bounds.map((bound) => bound.most).sort(ascending);
  const enough = Math.min(bounds.length, Math.max(3, Math.ceil(bounds.length * suspicious)));
  if (enough > 0) {
    // The limits of all but the few that an app may have written by hand.
    const [low, high] = [least.at(-enough)!, most[enough - 1]!];
    const compared = bounds.length;
    if (low > tolerance) return { kind: "shifted", by: between(low, Math.max(low, high)), compared };
    if (high < -tolerance) return { kind: "shifted", by: between(Math.min(low, high), high), compared };
  }
  const expired = timed.filter(({ column }) => column <= now);
  const doubtful = expired.filter(({ text, column }) => column > here || !cookieOf(text));
  if (doubtful.length * 2 > timed.length) return { kind: "expired", expired: expired.length, rows: timed.length };
  return { kind: "fine", compared: bounds.length };
}

/** What is wrong and what to do, as the end of a sentence; undefined if nothing is wrong. */
export function sentenceOf(verdict: TimeVerdict): string | undefined {
  if (verdict.kind === "fine") return undefined;
  if (verdict.kind === "shifted") {
    const { by, compared } = verdict;
    return (
      `the expiry column is ${spanOf(Math.abs(by))} ${by > 0 ? "later" : "earlier"} than the cookies of ${compared} ` +
      "sampled sessions allow, so " +
      `${by > 0 ? "expired sessions would stay alive" : "live sessions would count as expired"}. Often the app's ` +
      "connections use a different time zone: name it in the URL, such as ?options=-c%20TimeZone%3DUTC for " +
      "PostgreSQL. Otherwise, a clock is wrong. If your store uses a lifetime of its own instead of the cookie's, " +
      "repeat with --accept-times"
    );
  }
  return (
    `${verdict.expired} of ${verdict.rows} sampled sessions seem to have expired, but nothing confirms it. Check the ` +
    "database's clock and the time zone of the app's connections. If they are right, delete the expired rows, or " +
    "repeat with --accept-times"
  );
}

/**
 * When the cookie expires, and its full age; undefined if it has neither, such as one that lasts until the browser
 * closes.
 */
function cookieOf(text: string): { end: number; age: number } | undefined {
  try {
    const cookie = propertyOf(JSON.parse(text), "cookie");
    const [expires, age] = [propertyOf(cookie, "expires"), propertyOf(cookie, "originalMaxAge")];
    const end = typeof expires === "string" ? Date.parse(expires) : Number.NaN;
    return Number.isFinite(end) && typeof age === "number" && age > 0 ? { end, age } : undefined;
  } catch {
    return undefined;
  }
}

/** A multiple of 15 minutes between the limits, like a time zone's offset; otherwise the limit closer to zero. */
function between(low: number, high: number): number {
  const near = Math.abs(low) < Math.abs(high) ? low : high;
  const round = Math.round(near / quarterOfAnHour) * quarterOfAnHour;
  return round >= low - tolerance && round <= high + tolerance ? round : near;
}

function spanOf(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

function ascending(a: number, b: number): number {
  return a - b;
}
