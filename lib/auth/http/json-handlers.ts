/** One handler for each action, for programs; it responds with a status code and JSON. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { User } from "../accounts/user.js";
import type { BoundActions } from "../actions/bind-actions.js";
import type { Handler } from "../request/handler.js";
import type { FormHandlers } from "./form-handlers.js";
import { actionsOverHttp, everyAction, handler, refusedIn, statuses } from "./handled-actions.js";
import { isJson } from "./media-type.js";

/**
 * Handlers for POST requests with the same fields, and two for GET. A POST must have the content type
 * `application/json` even if its body is not read, because a form on another site cannot send that.
 */
export interface JsonHandlers extends FormHandlers {
  /** `{ user }`; null if nobody is logged in. */
  readonly session: Handler;
  /** `{ devices }`. */
  readonly devices: Handler;
}

/** @param currentUser the user of a login that was checked */
export function jsonHandlers(
  bound: BoundActions,
  currentUser: (req: IncomingMessage) => Promise<User | undefined>,
): JsonHandlers {
  const actions = actionsOverHttp(bound);
  const handlers = everyAction((action) =>
    handler(async (req, res) => {
      if (!isJson(req)) return json(res, statuses["json-required"], { ok: false, reason: "json-required" });
      const result = await actions[action](req, res);
      if (result.ok) return json(res, action === "register" ? 201 : 200, result);
      return json(res, refusedIn(res, action, result).status, result);
    }),
  );
  return {
    ...handlers,
    session: handler(async (req, res) => {
      json(res, 200, { user: (await currentUser(req)) ?? null });
    }),
    devices: handler(async (req, res) => {
      if (!(await currentUser(req))) return json(res, 401, { ok: false, reason: "login-required" });
      return json(res, 200, { devices: await bound.actions.devices(req) });
    }),
  };
}

function json(res: ServerResponse, status: number, body: object): void {
  res.statusCode = status;
  res.setHeader("Content-Type", "application/json; charset=utf-8");
  res.end(JSON.stringify(body));
}
