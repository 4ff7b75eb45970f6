/** What is searched for. Pure. */
import { hashOf } from "../../ops/sessions/session-hash.js";
import type { SessionFilter } from "../../ops/index.js";

export type Search = Pick<SessionFilter, "user" | "idle" | "largerThan">;

/** From the address of the list. What makes no sense is left out. */
export function searchIn(query: URLSearchParams): Search {
  const amount = (name: string) => {
    const text = query.get(name) ?? "";
    return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
  };
  return { user: query.get("user") || undefined, idle: amount("idle"), largerThan: amount("larger") };
}

/**
 * Where the form for finding leads, below the console; undefined if nothing can be meant. A key contains the session's
 * id, so it is sent as a form and turned into a hash here: no address, no log and no history of a browser shows it.
 */
export function placeOf({ by, text, prefix }: { by: string; text: string; prefix: string }): string | undefined {
  if (text === "") return undefined;
  if (by === "user") return `sessions?${new URLSearchParams({ user: text })}`;
  if (by === "hash") return /^[\da-f]{8,64}$/i.test(text) ? `sessions/${text.toLowerCase()}` : undefined;
  if (by !== "key") return undefined;
  const sid = text.startsWith(prefix) ? text.slice(prefix.length) : text;
  return sid === "" ? undefined : `sessions/${hashOf(sid)}`;
}
