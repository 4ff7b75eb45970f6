/** A small web site behind the middleware under test, and visitors that keep their cookies. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Session, Store } from "express-session";
import request, { type Response, type Test } from "supertest";
import type { Middleware } from "./middlewares.js";

export type AnySession = Session & Record<string, any>;

export interface SessionRequest extends IncomingMessage {
  session: AnySession;
  sessionID: string;
  sessionStore: Store & { generate(req: unknown): void };
  secure?: boolean;
  secret?: string;
  cookies?: Record<string, string>;
  signedCookies?: Record<string, string>;
  originalUrl?: string;
}

export type Handler = (req: SessionRequest, res: ServerResponse) => unknown;
/** One handler, or one for each path. */
export type Handlers = Handler | Record<string, Handler>;

export interface SiteParts {
  /** Runs in front of the middleware. */
  before?: (req: SessionRequest, res: ServerResponse) => void;
}

export interface Site {
  readonly server: Server;
  readonly url: string;
  /** Every error that was passed to `next`, also those that came too late for the answer. */
  readonly errors: Error[];
  get(path?: string, headers?: Record<string, string>): Test;
  head(path?: string, headers?: Record<string, string>): Test;
  /** A browser of its own: what `Set-Cookie` says it sends back. */
  visitor(): Visitor;
  close(): Promise<void>;
}

export interface Visitor {
  get(path?: string, headers?: Record<string, string>): Promise<Response>;
  /** The `Cookie` header it would send. */
  readonly cookies: string;
}

/** A bare http server, so that nothing but the middleware is between the visitor and the handlers. */
export async function openSite(middleware: Middleware, handlers: Handlers, parts: SiteParts = {}): Promise<Site> {
  const errors: Error[] = [];
  const server = createServer((incoming, res) => {
    const req = incoming as SessionRequest;
    const fail = (error: unknown) => {
      errors.push(error as Error);
      if (res.headersSent) return;
      res.statusCode = (error as { status?: number }).status ?? 500;
      res.end((error as Error).message);
    };
    try {
      parts.before?.(req, res);
      middleware(req, res, (error) => {
        if (error) return fail(error);
        void Promise.resolve()
          .then(() => handlerFor(handlers, req)(req, res))
          .catch(fail);
      });
    } catch (error) {
      fail(error);
    }
  });
  return listen(server, errors);
}

/** The same for any server, for example one made of an Express app. */
export async function listen(server: Server, errors: Error[] = []): Promise<Site> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const site: Site = {
    server,
    url,
    errors,
    get: (path = "/", headers = {}) => request(url).get(path).redirects(0).set(headers),
    head: (path = "/", headers = {}) => request(url).head(path).redirects(0).set(headers),
    visitor: () => newVisitor(site),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return site;
}

function handlerFor(handlers: Handlers, req: SessionRequest): Handler {
  if (typeof handlers === "function") return handlers;
  const path = (req.url ?? "/").split("?")[0]!;
  const handler = handlers[path];
  if (!handler) throw new Error(`the site has no ${path}`);
  return handler;
}

function newVisitor(site: Site): Visitor {
  const jar = new Map<string, string>();
  return {
    get cookies() {
      return [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    },
    async get(path = "/", headers = {}) {
      const answer = await site.get(path, jar.size > 0 ? { Cookie: this.cookies, ...headers } : headers);
      for (const line of setCookies(answer)) {
        const [name, value] = split(line.split(";")[0]!, "=");
        jar.set(name, value);
      }
      return answer;
    },
  };
}

export function setCookies(answer: Response): string[] {
  return (answer.headers["set-cookie"] as unknown as string[] | undefined) ?? [];
}

export interface SentCookie {
  /** As it stands in the header, percent-encoded. */
  value: string;
  /** The session id, without prefix and signature. */
  id: string;
  /** By lower-case name; an attribute without a value is true. */
  attributes: Record<string, string | true>;
}

/** The session cookie that this answer sets, if it does. */
export function sentCookie(answer: Response, name = "connect.sid"): SentCookie | undefined {
  const line = setCookies(answer).find((candidate) => candidate.startsWith(`${name}=`));
  if (!line) return undefined;
  const [pair, ...rest] = line.split("; ");
  const value = split(pair!, "=")[1];
  const signed = decodeURIComponent(value).replace(/^s:/, "");
  const attributes = Object.fromEntries(
    rest.map((part) => {
      const [key, text] = split(part, "=");
      return [key.toLowerCase(), part.includes("=") ? text : (true as const)];
    }),
  );
  return { value, id: signed.slice(0, signed.lastIndexOf(".")), attributes };
}

/** The id of the session whose cookie this answer sets; fails when it sets none. */
export function sentId(answer: Response, name?: string): string {
  const cookie = sentCookie(answer, name);
  if (!cookie) throw new Error("the answer sets no session cookie");
  return cookie.id;
}

function split(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + 1)];
}
