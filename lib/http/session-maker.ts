/** Creates the new sessions of a request. Errors of the app's `genid` and `cookie` functions are kept for later. */
import type { IncomingMessage } from "node:http";
import type { OpenSession, SessionRequest } from "../express-session/index.js";
import { cookieOptionsFor, createCookie } from "./cookie/cookie-options.js";
import { generateId, isSecure } from "./cookie/session-cookie.js";
import { newSession } from "./new-session.js";
import type { MiddlewareSettings } from "./settings.js";

export class SessionMaker {
  readonly #settings: MiddlewareSettings;
  readonly #req: SessionRequest & IncomingMessage;
  #failure: unknown;

  constructor(settings: MiddlewareSettings, req: SessionRequest & IncomingMessage) {
    this.#settings = settings;
    this.#req = req;
  }

  /** An empty session with the id `req.sessionID`. Never throws: `regenerate()` calls this where no error is caught. */
  make(): OpenSession {
    const session = newSession(this.#req);
    session.cookie = this.#newCookie();
    return session;
  }

  newId(): string {
    try {
      return this.#settings.generateId(this.#req);
    } catch (error) {
      this.#failure ??= error;
      return generateId();
    }
  }

  /** The error of the app's `genid` or `cookie`, if any. The request, or its response, fails with it once. */
  takeFailure(): unknown {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  #newCookie(): OpenSession["cookie"] {
    const { cookie, proxy } = this.#settings;
    const isOverTls = isSecure(this.#req, proxy);
    try {
      return createCookie(cookieOptionsFor(this.#req, cookie), isOverTls);
    } catch (error) {
      this.#failure ??= error;
      return createCookie({}, isOverTls);
    }
  }
}
