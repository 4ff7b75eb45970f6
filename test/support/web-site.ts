/** A small site on a real port, and visitors who keep their cookie: what the promises are tried on. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Session } from "express-session";

export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;
export type SessionValues = Session & Record<string, any>;
type SiteRequest = IncomingMessage & { session: SessionValues; sessionID: string; sessionStore: any };
export type Handler = (req: SiteRequest, res: ServerResponse, url: URL) => void | Promise<void>;

export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

/** Plain `http`, so that nothing but the middleware is tried. An error becomes its status and its code. */
export async function startSite(middleware: Middleware, handler: Handler): Promise<Site> {
  const server = createServer((req, res) => {
    const fail = (error: unknown) => {
      const { status, code, headers, message } = error as {
        status?: number;
        code?: string;
        headers?: object;
        message: string;
      };
      if (res.headersSent) return void res.destroy();
      for (const [name, value] of Object.entries(headers ?? {})) res.setHeader(name, value as string);
      res.statusCode = status ?? 500;
      res.end(code ?? message);
    };
    middleware(req, res, (error) => {
      if (error) return fail(error);
      Promise.resolve(handler(req as SiteRequest, res, new URL(req.url!, "http://site"))).catch(fail);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface Answer {
  status: number;
  body: string;
  headers: Headers;
  /** The session cookie that came with it, as sent back on the next visit. */
  cookie: string | undefined;
}

export class Visitor {
  readonly #site: Site;
  cookie: string | undefined;

  constructor(site: Site, cookie?: string) {
    this.#site = site;
    this.cookie = cookie;
  }

  async get(path: string): Promise<Answer> {
    const response = await fetch(this.#site.url + path, {
      redirect: "manual",
      headers: this.cookie === undefined ? {} : { cookie: this.cookie },
    });
    const cookie = response.headers
      .getSetCookie()
      .find((text) => text.startsWith("connect.sid="))
      ?.split(";")[0];
    if (cookie !== undefined) this.cookie = cookie;
    return { status: response.status, body: await response.text(), headers: response.headers, cookie };
  }

  /** The session id inside the cookie. */
  get id(): string {
    return decodeURIComponent(this.cookie ?? "")
      .replace(/^connect\.sid=s:/, "")
      .split(".")[0]!;
  }
}

/** Lets `size` parties meet: each waits until all have come. */
export class Meeting {
  #missing: number;
  #open!: () => void;
  readonly #all = new Promise<void>((resolve) => (this.#open = resolve));

  constructor(size: number) {
    this.#missing = size;
  }

  arrive(): Promise<void> {
    if (--this.#missing === 0) this.#open();
    return this.#all;
  }
}
