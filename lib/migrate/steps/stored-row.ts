/** Reads a row of a legacy table as a session, if it is one. Pure. */
import type { SessionData } from "express-session";
import { propertyOf } from "../../errors/index.js";
import type { Row } from "../sources/types.js";

export type ReadRow =
  | { readonly kind: "live"; readonly data: SessionData; readonly seconds: number }
  | { readonly kind: "expired" }
  | { readonly kind: "unreadable" };

/** The lifetime comes from the expiry column; the one in the JSON is as old as the last save. */
export function readRow({ text, expires }: Row, now: number): ReadRow {
  if (!Number.isFinite(expires)) return { kind: "unreadable" };
  if (expires <= now) return { kind: "expired" };
  const data = sessionIn(text);
  return data ? { kind: "live", data, seconds: secondsUntil(expires, now) } : { kind: "unreadable" };
}

/**
 * The same for a row whose text is copied as it is: the seconds that it has left. Nearly every text of a database that
 * has checked the JSON itself is then known to be a session without being parsed.
 *
 * @param isJson the text is known to be JSON
 */
export function lifeOf({ text, expires }: Row, now: number, isJson = false): number | "expired" | "unreadable" {
  if (!Number.isFinite(expires)) return "unreadable";
  if (expires <= now) return "expired";
  return (isJson && beginsWithCookie(text)) || sessionIn(text) ? secondsUntil(expires, now) : "unreadable";
}

function secondsUntil(expires: number, now: number): number {
  return Math.ceil((expires - now) / 1000);
}

const head = '{"cookie":{';

/** Whether JSON is an object with a cookie; false if that takes parsing. Another key of that name would replace it. */
function beginsWithCookie(json: string): boolean {
  // Such a key ends like this, or escapes one of its letters. The whole name would take three times as long to search.
  return json.startsWith(head) && !json.includes('kie"', head.length) && !json.includes("\\u", head.length);
}

function sessionIn(text: string): SessionData | undefined {
  try {
    const data: unknown = JSON.parse(text);
    return hasCookie(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** A session without its cookie is none, whatever else it has. */
export function hasCookie(data: unknown): data is SessionData {
  const cookie = propertyOf(data, "cookie");
  return typeof cookie === "object" && cookie !== null;
}
