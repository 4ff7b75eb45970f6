/** Finds the response to a request, for code that has only the request. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AuthRequest } from "./auth-request.js";

const responses = new WeakMap<object, ServerResponse>();

/** Links a request to its response, if Express has not. */
export function linkResponse(req: IncomingMessage, res: ServerResponse): void {
  responses.set(req, res);
}

export function responseTo(req: AuthRequest): ServerResponse | undefined {
  return responses.get(req) ?? req.res;
}
