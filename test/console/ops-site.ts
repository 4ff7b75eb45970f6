/** An app with a console, in Express 4, Express 5 or Connect, also under a prefix that a proxy took away. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createRequire } from "node:module";
import connect from "connect";
import express from "express";
import { redisSession, type RedisSessionOptions } from "holdfast";
import { console as operatorConsole, type ConsoleOptions } from "holdfast/console";
import { secret } from "../promises/candidates.js";
import type { SessionValues } from "../support/web-site.js";

const express4 = createRequire(import.meta.url)("express4") as typeof express;

export const frameworks = { "Express 5": express, "Express 4": express4, Connect: connect };
export type Framework = keyof typeof frameworks;

type Next = (error?: unknown) => void;
type Middleware = (req: IncomingMessage, res: ServerResponse, next: Next) => void;

interface OpsSiteOptions extends Omit<ConsoleOptions, "sessions"> {
  readonly framework?: Framework;
  readonly at?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Before everything else. */
  readonly before?: Middleware[];
  readonly session?: Partial<Pick<RedisSessionOptions, "layout" | "encrypt" | "prefix">>;
}

export interface OpsSite {
  readonly sessions: ReturnType<typeof redisSession>;
  readonly url: string;
  /** A visitor with this in the session; returns the cookie. */
  visit(values?: Record<string, unknown>, cookie?: string): Promise<string>;
  close(): Promise<void>;
}

export async function startOpsSite(redisUrl: string, options: OpsSiteOptions = {}): Promise<OpsSite> {
  const { framework = "Express 5", at = "/ops", port = 0, before = [], session = {}, ...given } = options;
  const sessions = redisSession({ url: redisUrl, secret, ...session });
  await sessions.ready();
  const ops = operatorConsole({ sessions, ...given });
  const app = frameworks[framework]() as unknown as ((req: IncomingMessage, res: ServerResponse) => void) & {
    use(...handlers: unknown[]): unknown;
  };
  for (const middleware of before) app.use(middleware);
  app.use("/visit", sessions);
  app.use("/visit", (req: IncomingMessage & { session: SessionValues }, res: ServerResponse) => {
    Object.assign(req.session, JSON.parse(decodeURIComponent(req.url!.slice(2))));
    res.end("saved");
  });
  app.use(at, ops);
  app.use((error: { status?: number; message: string }, _req: unknown, res: ServerResponse, _next: Next) => {
    res.statusCode = error.status ?? 500;
    res.end(error.message);
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    sessions,
    url,
    async visit(values = { views: 1 }, cookie) {
      const response = await fetch(`${url}/visit/?${encodeURIComponent(JSON.stringify(values))}`, {
        headers: cookie === undefined ? {} : { cookie },
      });
      if (response.status !== 200) throw new Error(await response.text());
      return response.headers.get("set-cookie")?.split(";")[0] ?? cookie!;
    },
    async close() {
      await ops.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await sessions.close();
    },
  };
}
