/** A TCP proxy that does to a connection what networks do: cut it in the middle of a reply, slow it down, refuse it. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { once } from "node:events";

export class FaultyProxy {
  readonly port: number;
  /** Connections that clients made. */
  connections = 0;
  readonly #target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #replyBytesLeft = Infinity;
  #isBlackHole = false;
  #trickle: { bytes: number; every: number } | undefined;

  private constructor(target: number, server: Server) {
    this.#target = target;
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (client: Socket) => this.#join(client));
  }

  static async start(target: number): Promise<FaultyProxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new FaultyProxy(target, server);
  }

  /** Lets `bytes` of replies through, all connections together, and then cuts them all. */
  cutAfter(bytes: number): void {
    this.#replyBytesLeft = bytes;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  /** Nothing passes any more, in either direction, and nobody is told: as behind a firewall that forgot the connection. */
  blackHole(isOn: boolean): void {
    this.#isBlackHole = isOn;
  }

  /** Replies pass in pieces of so many bytes; `undefined` for full speed. */
  trickle(pieces: { bytes: number; every: number } | undefined): void {
    this.#trickle = pieces;
  }

  /** Nobody listens here any more, until `accept()`. */
  async refuse(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  async accept(): Promise<void> {
    this.#server.listen(this.port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.refuse();
  }

  #join(client: Socket): void {
    this.connections++;
    const target = connect(this.#target, "127.0.0.1");
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
    client.on("data", (chunk: Buffer) => !this.#isBlackHole && target.write(chunk));
    let queue = Promise.resolve();
    target.on("data", (chunk: Buffer) => {
      queue = queue.then(() => this.#reply(client, chunk));
    });
  }

  async #reply(client: Socket, chunk: Buffer): Promise<void> {
    if (this.#isBlackHole) return;
    if (chunk.length >= this.#replyBytesLeft) {
      client.write(chunk.subarray(0, this.#replyBytesLeft), () => this.cut());
      this.#replyBytesLeft = Infinity;
      return;
    }
    this.#replyBytesLeft -= chunk.length;
    let rest = chunk;
    while (this.#trickle && rest.length > 0 && !client.destroyed) {
      const { bytes, every } = this.#trickle;
      client.write(rest.subarray(0, bytes));
      rest = rest.subarray(bytes);
      await new Promise((resolve) => setTimeout(resolve, every));
    }
    if (!client.destroyed) client.write(rest);
  }
}
