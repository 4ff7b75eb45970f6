/** The content type of a request. Pure. */
import type { IncomingMessage } from "node:http";

/** Another site's page cannot send this content type without a CORS preflight. */
export function isJson({ headers }: IncomingMessage): boolean {
  return headers["content-type"]?.split(";", 1)[0]!.trim().toLowerCase() === "application/json";
}
