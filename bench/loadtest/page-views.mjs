// The visitors of a load over HTTP: each has a cookie, all share a number of kept-alive connections. Bare sockets and
// ready-made requests, because on a small machine the generator competes with the app for the processor.
import { connect } from "node:net";

/** Connections per app process. */
const connections = 100;

export class PageViews {
  #ports;
  #visitors;
  #next = 0;
  #pools;

  /** @param cookies one of each visitor; @param ports of the app's processes, which take turns as behind a load balancer */
  constructor({ ports, cookies, path }) {
    this.#ports = ports;
    this.#visitors = cookies.map((cookie) => ({ cookie, request: requestOf(path, cookie) }));
    this.#pools = ports.map((port) => new Pool(port));
    this.path = path;
  }

  /** The next visitor's page view. Resolves to whether the answer was a 200. */
  async send() {
    const turn = this.#next++;
    const visitor = this.#visitors[turn % this.#visitors.length];
    // Each visitor meets each process in turn.
    const pool = this.#pools[(turn + Math.floor(turn / this.#visitors.length)) % this.#ports.length];
    const head = await pool.ask(visitor.request);
    this.#keepCookie(visitor, head);
    return head.startsWith("HTTP/1.1 200");
  }

  /** The counter of the page views, read from the page. */
  async viewsOf(index) {
    const { cookie } = this.#visitors[index];
    const page = await this.#pools[0].ask(requestOf("/read", cookie), true);
    return Number(/views=(\d+)/.exec(page)?.[1] ?? 0);
  }

  get count() {
    return this.#visitors.length;
  }

  close() {
    for (const pool of this.#pools) pool.close();
  }

  /** A session in a cookie comes back with each answer. */
  #keepCookie(visitor, head) {
    const start = head.indexOf("\r\nSet-Cookie: ");
    if (start < 0) return;
    const set = head.slice(start).matchAll(/\r\nSet-Cookie: ([^;\r]+)/gi);
    visitor.cookie = Array.from(set, ([, pair]) => pair).join("; ");
    visitor.request = requestOf(this.path, visitor.cookie);
  }
}

function requestOf(path, cookie) {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: shop.example\r\nCookie: ${cookie}\r\n\r\n`);
}

class Pool {
  #port;
  #idle = [];
  #open = new Set();
  #waiting = [];

  constructor(port) {
    this.#port = port;
  }

  /** The head of the answer, or all of it. */
  ask(request, whole = false) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, whole, resolve, reject });
      this.#serve();
    });
  }

  close() {
    for (const socket of this.#open) socket.destroy();
  }

  #serve() {
    while (this.#waiting.length > 0) {
      const one = this.#idle.pop() ?? (this.#open.size < connections ? this.#connect() : undefined);
      if (!one) return;
      one.begin(this.#waiting.shift());
    }
  }

  #connect() {
    const socket = connect(this.#port, "127.0.0.1").setNoDelay(true);
    this.#open.add(socket);
    let current;
    let received = "";
    const fail = () => {
      this.#open.delete(socket);
      this.#idle = this.#idle.filter((other) => other !== one);
      current?.reject(new Error("the app closed a connection"));
      current = undefined;
    };
    const one = {
      begin(question) {
        current = question;
        received = "";
        socket.write(question.request);
      },
    };
    socket.on("error", () => {}).on("close", fail);
    socket.on("data", (chunk) => {
      received += chunk.latin1Slice();
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/\r\nContent-Length: (\d+)/i.exec(received)?.[1] ?? 0);
      if (received.length < end + 4 + length) return;
      const { resolve, whole } = current;
      current = undefined;
      this.#idle.push(one);
      resolve(whole ? received : received.slice(0, end));
      this.#serve();
    });
    return one;
  }
}
