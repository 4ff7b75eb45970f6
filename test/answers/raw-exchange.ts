/** A client that sends bytes and shows the bytes that came back: no library between the test and the wire. */
import { connect, type Socket } from "node:net";

export interface Wire {
  readonly socket: Socket;
  send(text: string): void;
  /** All that has come so far, as latin1, so that every byte is one character. */
  readonly received: string;
  /** Resolves with what has come once `condition` holds for it; rejects if the connection ends before. */
  until(condition: (received: string) => boolean): Promise<string>;
  /** Resolves with all of it once the server has closed the connection. */
  readonly all: Promise<string>;
}

export async function openWire(port: number): Promise<Wire> {
  const socket = connect(port, "127.0.0.1");
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  let received = "";
  const watchers = new Set<() => void>();
  const look = () => {
    for (const watcher of watchers) watcher();
  };
  socket.on("error", () => {}).on("data", (bytes) => ((received += bytes.toString("latin1")), look()));
  const all = new Promise<string>((resolve) => socket.once("close", () => (look(), resolve(received))));
  return {
    socket,
    send: (text) => void socket.write(text, "latin1"),
    get received() {
      return received;
    },
    until: (condition) =>
      new Promise((resolve, reject) => {
        const watcher = () => {
          if (condition(received)) resolve(received);
          else if (socket.destroyed) reject(new Error(`the connection was closed after ${JSON.stringify(received)}`));
          else return;
          watchers.delete(watcher);
        };
        watchers.add(watcher);
        watcher();
      }),
    all,
  };
}

export interface RawRequest {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string;
}

export function requestText({ method = "GET", path = "/", headers = {}, body = "" }: RawRequest): string {
  const all: Record<string, string> = { Host: "site", ...headers };
  if (body) all["Content-Length"] = String(Buffer.byteLength(body));
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

/** One request on a connection of its own. */
export async function exchange(port: number, request: RawRequest): Promise<string> {
  const wire = await openWire(port);
  wire.send(requestText({ ...request, headers: { ...request.headers, Connection: "close" } }));
  return wire.all;
}

export interface RawAnswer {
  status: number;
  /** The first line. */
  statusLine: string;
  /** By lower-case name. */
  headers: Record<string, string>;
  /** With the chunks put together. */
  body: string;
}

/** Takes an answer apart; interim answers (1xx) in front of it are skipped. */
export function parseAnswer(bytes: string): RawAnswer {
  const end = bytes.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = bytes.slice(0, end).split("\r\n");
  const rest = bytes.slice(end + 4);
  const status = Number(statusLine.split(" ")[1]);
  if (status >= 100 && status < 200) return parseAnswer(rest);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status, statusLine, headers, body: headers["transfer-encoding"] === "chunked" ? dechunk(rest) : rest };
}

function dechunk(text: string): string {
  let body = "";
  for (let at = 0; ;) {
    const line = text.indexOf("\r\n", at);
    const size = Number.parseInt(text.slice(at, line), 16);
    if (!size) return body;
    body += text.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
}

/** What may differ between two answers that are the same: the date and the session's cookie. */
export function withoutDateAndCookie(bytes: string): string {
  return bytes.replace(/^Date: .*\r\n/gm, "").replace(/^Set-Cookie: connect\.sid=.*\r\n/gm, "");
}
