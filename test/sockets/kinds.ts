/** Every way in which a socket gets its session. What is tried is the request of the handshake, on the server. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Server as EngineServer } from "engine.io";
import express from "express";
import expressWs from "express-ws";
import { WebSocket, WebSocketServer } from "ws";
import type { Middleware, SessionValues } from "../support/web-site.js";

export type SocketRequest = IncomingMessage & { session: SessionValues; sessionID: string; user?: unknown };

export interface SocketSite {
  readonly url: string;
  /** Opens a socket with this cookie, and returns its request on the server once the handshake is over. */
  open(cookie: string): Promise<SocketRequest>;
  close(): void;
}

type PageHandler = (req: SocketRequest, res: ServerResponse, url: URL) => unknown;

/** `page` answers ordinary requests, which have passed the same middleware. */
export type StartSite = (middleware: Middleware, page: PageHandler) => Promise<SocketSite>;

async function serve(
  server: Server,
  connect: (url: string, cookie: string) => unknown,
  arrivals: SocketRequest[],
): Promise<SocketSite> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async open(cookie) {
      const before = arrivals.length;
      await connect(url, cookie);
      while (arrivals.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
      return arrivals.at(-1)!;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const pages = (middleware: Middleware, page: PageHandler) => (req: IncomingMessage, res: ServerResponse) => {
  middleware(req, res, (error) => {
    if (error) return res.writeHead(500).end();
    void Promise.resolve(page(req as SocketRequest, res, new URL(req.url!, "http://site"))).catch(() => res.destroy());
  });
};

function webSocket(url: string, cookie: string): Promise<void> {
  const socket = new WebSocket(url.replace("http", "ws"), { headers: { cookie } });
  return new Promise((resolve, reject) => {
    socket.on("open", () => resolve());
    socket.on("error", reject);
  });
}

const onEngine =
  (transport: "polling" | "websocket"): StartSite =>
  (middleware, page) => {
    const arrivals: SocketRequest[] = [];
    const server = createServer(pages(middleware, page));
    const engine = new EngineServer();
    engine.use(middleware as never);
    engine.on("connection", (socket: { request: SocketRequest }) => arrivals.push(socket.request));
    engine.attach(server, { path: "/socket/" });
    const connect = async (url: string, cookie: string) => {
      const address = `${url}/socket/?EIO=4&transport=${transport}`;
      if (transport === "websocket") return webSocket(address, cookie);
      return (await fetch(address, { headers: { cookie } })).text();
    };
    return serve(server, connect, arrivals);
  };

export const kinds: Record<string, StartSite> = {
  "engine.io with long polling": onEngine("polling"),
  "engine.io with a WebSocket": onEngine("websocket"),
  ws: (middleware, page) => {
    const arrivals: SocketRequest[] = [];
    const server = createServer(pages(middleware, page));
    const sockets = new WebSocketServer({ noServer: true });
    server.on("upgrade", (req, socket, head) => {
      middleware(req, {} as ServerResponse, (error) => {
        if (error) return socket.destroy();
        sockets.handleUpgrade(req, socket, head, () => arrivals.push(req as SocketRequest));
      });
    });
    return serve(server, webSocket, arrivals);
  },
  "express-ws": (middleware, page) => {
    const arrivals: SocketRequest[] = [];
    const plain = express();
    const server = createServer(plain);
    const { app } = expressWs(plain, server, { leaveRouterUntouched: true });
    app.use(middleware);
    app.ws("/", (_ws, req) => void arrivals.push(req as unknown as SocketRequest));
    app.use((req, res) => void page(req as unknown as SocketRequest, res, new URL(req.url, "http://site")));
    return serve(server, webSocket, arrivals);
  },
};

/** Calls a method of a session that takes a callback. */
export function call(req: SocketRequest, method: "save" | "reload" | "regenerate" | "destroy"): Promise<void> {
  return new Promise((resolve, reject) => {
    req.session[method]((error: unknown) => (error ? reject(error as Error) : resolve()));
  });
}
