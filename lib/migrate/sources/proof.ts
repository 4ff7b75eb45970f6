/** Checks before a move: that sessions can be written back, and that the expiry times mean what they seem to. */
import { randomBytes } from "node:crypto";
import { codes, HoldfastError, propertyOf } from "../../errors/index.js";
import { InFlight } from "./in-flight.js";
import { judgeTimes, sentenceOf } from "./times.js";
import type { Row, Source } from "./types.js";

/** Milliseconds until the test session expires, in case it cannot be removed. */
const lifetime = 600_000;
/** Milliseconds: stores keep whole seconds. */
const rounding = 1500;

/**
 * Writes a test session into the table, in the store's own form, reads it back and removes it, as a rollback does with
 * all sessions.
 *
 * @throws HoldfastError SOURCE_NOT_WRITABLE with the reason, and what the source throws
 * @example
 * await proveWritable(await openSource({ url: "postgres://127.0.0.1/shop", table: "session" }));
 */
export async function proveWritable(source: Source): Promise<void> {
  const row = ownSession();
  const rejected = (await source.write([row]))?.[0];
  if (rejected) throw notWritable(source, `the table rejected a test session: ${rejected.reason}`);
  let back: Row | undefined;
  try {
    back = (await source.find([row.sid])).get(row.sid);
  } finally {
    await source.remove([row.sid]);
  }
  if (!back) throw notWritable(source, "a test session was written, but is not there");
  if (!sameJson(back.text, row.text)) throw notWritable(source, "a test session came back with different contents");
  if (!(Math.abs(back.expires - row.expires) <= rounding))
    throw notWritable(source, "a test session came back with a different expiry time");
  if ((await source.find([row.sid])).size > 0) throw notWritable(source, "a test session could not be removed");
}

/** Limits of the sample, in rows and in characters: with very large sessions, fewer rows must do. */
const sampleSize = 300;
const sampleCharacters = 32 * 1024 * 1024;

/**
 * Compares the expiry column of a sample of sessions with their cookies, by the database's clock.
 *
 * @throws HoldfastError SOURCE_TIME with what does not match, and what the source throws
 * @example
 * await proveTimes(await openSource({ url: "postgres://127.0.0.1/shop", table: "session" }));
 */
export async function proveTimes(source: Source): Promise<void> {
  const rows = await sampleOf(source);
  const ahead = (await source.clock?.()) ?? 0;
  const here = Date.now();
  const timed = rows.map(({ text, expires }) => ({ text, column: expires + ahead }));
  const sentence = sentenceOf(judgeTimes(timed, here + ahead, here));
  if (sentence !== undefined) throw new HoldfastError(codes.SOURCE_TIME, `${source.name}: ${sentence}.`);
}

/** Reads a few rows at a time and keeps only their cookies. */
async function sampleOf(source: Source): Promise<Row[]> {
  const inFlight = new InFlight();
  const sample: Row[] = [];
  for (let characters = 0; sample.length < sampleSize && characters < sampleCharacters;) {
    const rows = await source.rows(sample.at(-1)?.sid, inFlight.pageSize(sampleSize - sample.length));
    if (rows.length === 0) break;
    inFlight.saw(rows.map(({ text }) => text.length));
    for (const row of rows) {
      characters += row.text.length;
      sample.push({ ...row, text: cookieAlone(row.text) });
    }
  }
  return sample;
}

function cookieAlone(text: string): string {
  try {
    return JSON.stringify({ cookie: propertyOf(JSON.parse(text), "cookie") });
  } catch {
    return "";
  }
}

function ownSession(): Row {
  const expires = Math.ceil((Date.now() + lifetime) / 1000) * 1000;
  const cookie = { originalMaxAge: lifetime, expires: new Date(expires).toISOString(), httpOnly: true, path: "/" };
  // 32 characters, like express-session's ids: a column need not be wider.
  return { sid: `holdfast-${randomBytes(12).toString("hex").slice(1)}`, text: JSON.stringify({ cookie }), expires };
}

/** Ignores the order of keys, which a jsonb column changes. */
function sameJson(a: string, b: string): boolean {
  const ordered = (text: string) => {
    const { cookie }: { cookie: object } = JSON.parse(text);
    return JSON.stringify(Object.entries(cookie).sort());
  };
  try {
    return ordered(a) === ordered(b);
  } catch {
    return false;
  }
}

function notWritable({ name }: Source, problem: string): HoldfastError {
  const remedy =
    "A move must not begin if it cannot be rolled back. Give this user the rights that your session store has.";
  return new HoldfastError(codes.SOURCE_NOT_WRITABLE, `${name}: ${problem}. ${remedy}`);
}
