/** What is said of values that cannot be read as a session. Pure. */
import { number } from "../words.js";

export const whatHelps = "(with your own serializer, use --serializer; encrypted ones need SESSION_ENCRYPTION_KEY)";

/** Among them, there may be sessions of the user who was named. */
export function notKnownWhose(unreadable: number): string {
  return `${number(unreadable)} more cannot be read, so it is not known whose they are ${whatHelps}.`;
}
