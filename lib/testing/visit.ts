/** A request that no network carries. The session middleware gets it like any other, so what happens is what it does. */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { SessionRequest } from "../express-session/index.js";
import { setupInvalid } from "../errors/index.js";
import type { AnySessions } from "./any-sessions.js";

export type Visit = IncomingMessage & SessionRequest;

/** Says when its end has come through the gate: then the session is saved, and the cookie set. */
class Answer extends ServerResponse {
  readonly #onEnd: () => void;

  constructor(req: IncomingMessage, onEnd: () => void) {
    super(req);
    this.#onEnd = onEnd;
  }

  override end(): this {
    super.end();
    this.#onEnd();
    return this;
  }
}

/**
 * Lets `work` use the session of a visitor who sends this cookie; returns the `Set-Cookie` line of the response, if
 * there is one.
 *
 * @throws what the session middleware reports
 */
export async function visit(
  sessions: AnySessions,
  cookie: string | undefined,
  work: (req: Visit) => Promise<void>,
): Promise<string | undefined> {
  const { req, end } = requestWith(cookie);
  return new Promise<string | undefined>((resolve, reject) => {
    const res = new Answer(req, () => resolve(lineOf(res)));
    const fail = (error: unknown) => {
      reject(error);
      res.end(); // nobody reads it, but it counts as answered
    };
    sessions(req, res, (error) => {
      if (error !== undefined) return fail(error);
      void inSession(req, work).then(() => {
        // A cookie that needs TLS is set as if this were TLS.
        Object.assign(req.socket, { encrypted: req.session.cookie.secure === true });
        res.end();
      }, fail);
    });
  }).finally(end);
}

/** The same without a response, so that the lifetime of the session is not refreshed. */
export async function look(sessions: AnySessions, cookie: string, work: (req: Visit) => Promise<void>): Promise<void> {
  const { req, end } = requestWith(cookie);
  const none = {} as ServerResponse; // as for the handshake of a WebSocket
  await new Promise<void>((resolve, reject) => {
    sessions(req, none, (error) => (error === undefined ? inSession(req, work).then(resolve, reject) : reject(error)));
  }).finally(end);
}

function requestWith(cookie: string | undefined): { req: Visit; end: () => void } {
  const socket = new Socket();
  const req = new IncomingMessage(socket) as Visit; // as soon as the middleware has called `next`
  Object.assign(req, { method: "GET", url: "/" });
  req.headers = { host: "127.0.0.1", ...(cookie !== undefined && { cookie }) };
  return { req, end: () => void socket.destroy() };
}

async function inSession(req: Visit, work: (req: Visit) => Promise<void>): Promise<void> {
  const session: object | undefined = req.session;
  if (session) return work(req);
  throw setupInvalid(
    "These sessions have no session for a page at `/`, so holdfast/testing cannot begin one. If their `cookie.path` is " +
      "another one, leave it out in tests.",
  );
}

function lineOf(res: ServerResponse): string | undefined {
  const lines = res.getHeader("set-cookie");
  return Array.isArray(lines) ? lines[0] : lines?.toString();
}
