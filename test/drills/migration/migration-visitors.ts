/** Visitors of a shop who browse, fill carts, log in and out, and notice whatever is not as it was answered. */
import { Agent, get } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

/** Milliseconds until a visitor gives up; every outage is answered sooner. */
const patience = 12_000;

export interface Counts {
  requests: number;
  failed: number;
  /** Of those, without any answer: a connection that was accepted for a process that was killed just then. */
  unanswered: number;
  /** Answered with success. */
  views: number;
}

export interface Complaint {
  kind: "logged out" | "back in" | "lost" | "strange";
  what: string;
}

interface Answer {
  /** 0 when the connection broke; the body is then the reason. */
  status: number;
  body: string;
  cookie: string | undefined;
}

/** A visitor's own requests come one after the other; only what was answered with success counts. */
class Visitor {
  readonly name: string;
  readonly #crowd: Crowd;
  cookie: string | undefined;
  user: string | null = null;
  cart: string[] = [];
  /** Lines whose adding was not answered with success: they may be there. */
  maybe = new Set<string>();
  /** A logout was not answered: it is tried again. */
  isLeaving = false;
  /** Cookies of sessions that were logged out. */
  readonly dead: string[] = [];
  #lines = 0;
  #last: Answer | undefined;

  /** What the last request got, for a complaint. */
  get lastAnswer(): string {
    return `${this.#last?.status} ${this.#last?.body.slice(0, 200)}`;
  }

  constructor(crowd: Crowd, name: string) {
    this.#crowd = crowd;
    this.name = name;
  }

  async act(random: () => number): Promise<void> {
    const dice = random();
    if (this.isLeaving) return this.#leave();
    if (this.user === null && dice < 0.7) return this.login();
    if (this.user === null || dice < 0.6) return void (await this.look());
    if (dice < 0.92) return this.#add();
    return this.#leave();
  }

  async login(): Promise<void> {
    const { status, cookie } = await this.#visit(`/login?value=${this.name}`);
    if (status !== 200) return;
    if (!cookie) return this.#crowd.complain("strange", "a login without a cookie");
    this.cookie = cookie;
    this.user = this.name;
    this.cart = [];
    this.maybe.clear();
  }

  /** Compares what the shop shows with what it has answered. */
  async look(): Promise<boolean> {
    const { status, body } = await this.#visit("/page");
    if (status !== 200) return false;
    const { user, cart } = JSON.parse(body) as { user: string | null; cart: string[] };
    if (this.user === null && user !== null) this.#crowd.complain("back in", this.name);
    if (this.user === null) return true;
    if (user !== this.user) {
      this.#crowd.complain("logged out", `${this.name} sees ${user}`);
      this.user = null;
      return true;
    }
    const missing = this.cart.filter((line) => !cart.includes(line));
    if (missing.length > 0) this.#crowd.complain("lost", `${this.name}: ${missing.join()} of ${this.cart.length}`);
    const known = new Set([...this.cart, ...this.maybe]);
    if (cart.some((line) => !known.has(line))) this.#crowd.complain("strange", `${this.name} has lines of others`);
    this.cart = cart;
    return true;
  }

  /** Each session that was logged out is asked for once more. */
  async lookBack(): Promise<void> {
    for (const cookie of this.dead) {
      const { status, body } = await this.#visit("/page", cookie);
      const isOut = status === 200 && (JSON.parse(body) as { user: unknown }).user === null;
      if (!isOut) this.#crowd.complain("back in", `${this.name}, an old session, ${status}`);
    }
  }

  async #add(): Promise<void> {
    const line = `${this.name}-${this.#lines++}`;
    const { status } = await this.#visit(`/add?value=${line}`);
    if (status === 200) this.cart.push(line);
    else if (status === 401) {
      this.#crowd.complain("logged out", `${this.name} may not add`);
      this.user = null;
    } else this.maybe.add(line);
  }

  async #leave(): Promise<void> {
    const { status } = await this.#visit("/logout");
    this.isLeaving = status !== 200;
    if (status !== 200) return;
    this.user = null;
    this.dead.push(this.cookie!);
  }

  async #visit(path: string, cookie = this.cookie): Promise<Answer> {
    const answer = (this.#last = await this.#crowd.ask(path, cookie));
    const { counts } = this.#crowd;
    counts.requests++;
    if (answer.status === 200) counts.views++;
    else if (answer.status !== 401) counts.failed++;
    return answer;
  }
}

export class Crowd {
  readonly visitors: Visitor[];
  readonly counts: Counts = { requests: 0, failed: 0, unanswered: 0, views: 0 };
  readonly complaints: Complaint[] = [];
  /** When requests began that got no answer at all. */
  readonly unanswered: number[] = [];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 60 });
  readonly #random: () => number;
  port: number;
  #isOver = false;
  #running: Promise<unknown> | undefined;

  constructor(port: number, size: number, random: () => number) {
    this.port = port;
    this.#random = random;
    this.visitors = Array.from({ length: size }, (_, i) => new Visitor(this, `v${i}`));
  }

  /** All log in; then they go on until `stop()`. */
  async begin(think: number): Promise<void> {
    await Promise.all(this.visitors.map((visitor) => visitor.login()));
    const visit = async (visitor: Visitor) => {
      await pause(think * this.#random());
      while (!this.#isOver) {
        await visitor.act(this.#random);
        await pause(think * (0.5 + this.#random()));
      }
    };
    this.#running = Promise.all(this.visitors.map(visit));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  /** After the last step, when nothing fails any more: everybody looks at everything once more. */
  async lookAtAll(): Promise<void> {
    await Promise.all(
      this.visitors.map(async (visitor) => {
        for (let n = 0; visitor.isLeaving && n < 5; n++) await visitor.act(this.#random);
        if (!(await visitor.look())) this.complain("strange", `${visitor.name} is not answered: ${visitor.lastAnswer}`);
        await visitor.lookBack();
      }),
    );
  }

  close(): void {
    this.#agent.destroy();
  }

  complain(kind: Complaint["kind"], what: string): void {
    this.complaints.push({ kind, what });
  }

  ask(path: string, cookie: string | undefined): Promise<Answer> {
    return new Promise((resolve) => {
      const broken = (error?: NodeJS.ErrnoException) =>
        resolve({ status: 0, body: error?.code ?? "aborted", cookie: undefined });
      const began = performance.now();
      const options = { agent: this.#agent, timeout: patience, headers: cookie === undefined ? {} : { cookie } };
      const request = get(`http://127.0.0.1:${this.port}${path}`, options, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => (body += text));
        response.on("error", broken).on("aborted", () => broken());
        response.on("end", () => {
          const sent = response.headers["set-cookie"]?.[0]?.split(";")[0];
          resolve({ status: response.statusCode!, body, cookie: sent });
        });
      });
      request.on("error", broken);
      request.on("timeout", () => {
        this.counts.unanswered++;
        this.unanswered.push(began);
        request.destroy();
      });
    });
  }
}

/** The same numbers for the same seed. */
export function randomFrom(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
