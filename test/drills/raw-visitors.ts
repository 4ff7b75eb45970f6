/** Visitors who send bytes as they are, over a few connections that are kept; no HTTP client would send some of these. */
import { connect, type Socket } from "node:net";

export interface RawReply {
  status: number;
  text: string;
}

/** Sends every request, `size` at a time, and hands each answer to `look`. */
export async function sendAll(
  port: number,
  requests: Iterable<string>,
  look: (reply: RawReply, request: string) => void,
  size = 8,
): Promise<void> {
  const queue = requests[Symbol.iterator]();
  const work = async () => {
    let line: Line | undefined;
    for (let next = queue.next(); !next.done; next = queue.next()) {
      if (!line || line.isClosed) line = await Line.open(port);
      look(await line.ask(next.value), next.value);
    }
    line?.close();
  };
  await Promise.all(Array.from({ length: size }, work));
}

class Line {
  readonly #socket: Socket;
  #received = "";
  #settle: (() => void) | undefined;

  static async open(port: number): Promise<Line> {
    const socket = connect(port, "127.0.0.1");
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new Line(socket);
  }

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      this.#received += bytes.toString("latin1");
      this.#settle?.();
    });
    socket.on("close", () => this.#settle?.());
  }

  get isClosed(): boolean {
    return this.#socket.destroyed || this.#socket.readableEnded;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** An answer that never comes is no answer: its status is 0 once the server has closed the connection. */
  async ask(request: string): Promise<RawReply> {
    this.#received = "";
    this.#socket.write(request, "latin1");
    await new Promise<void>((resolve) => {
      this.#settle = () => {
        if (this.isClosed || isWhole(this.#received)) resolve();
      };
    });
    this.#settle = undefined;
    const text = this.#received;
    if (/^connection: close\r$/im.test(text.slice(0, text.indexOf("\r\n\r\n") + 1))) this.#socket.destroy();
    return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text };
  }
}

function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const head = text.slice(0, end + 2).toLowerCase();
  if (/^http\/1\.1 (204|304)/.test(head)) return true;
  const length = /\r\ncontent-length: (\d+)\r\n/.exec(head)?.[1];
  if (length !== undefined) return text.length >= end + 4 + Number(length);
  return head.includes("\r\ntransfer-encoding: chunked\r\n") && text.endsWith("\r\n0\r\n\r\n");
}
