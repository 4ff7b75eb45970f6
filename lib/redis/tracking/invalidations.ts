/** What connections on which Redis announces changes have in common. */
import { codes, warnOnce } from "../../errors/index.js";
import type { Subscriber } from "../clients/index.js";

/** The use of a second connection for announcements, which arrive at once or count as lost. */
export const invalidations = {
  channel: "__redis__:invalidate",
  /** In milliseconds. */
  pingInterval: 1000,
  onRefused(error: unknown): void {
    warnOnce(
      codes.NEAR_CACHE_OFF,
      `Redis refused to announce changes (${error instanceof Error ? error.message : "no reason given"}), so the near ` +
        "cache is off until it does. It needs Redis 6 or later, and permission to run CLIENT TRACKING.",
    );
  },
};

/** CLIENT ID, to which announcements are sent. */
export async function idOf(connection: Subscriber): Promise<string> {
  return String(await connection.send(["CLIENT", "ID"]));
}

/** The keys that a message announces; `undefined` stands for all keys. */
export function keysIn(message: unknown): (string | undefined)[] {
  return Array.isArray(message) ? message.map(String) : [undefined];
}
