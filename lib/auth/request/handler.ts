/** A request handler, for Node.js's own server, Express and Connect. */
import type { IncomingMessage, ServerResponse } from "node:http";

/** Handles a request, or passes it on with `next`. */
export type Handler = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;
