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
  try {
    const data: unknown = JSON.parse(text);
    if (!hasCookie(data)) return { kind: "unreadable" };
    return { kind: "live", data, seconds: Math.ceil((expires - now) / 1000) };
  } catch {
    return { kind: "unreadable" };
  }
}

/** A session without its cookie is none, whatever else it has. */
export function hasCookie(data: unknown): data is SessionData {
  const cookie = propertyOf(data, "cookie");
  return typeof cookie === "object" && cookie !== null;
}
