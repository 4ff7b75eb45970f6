/** The shop on a real port, and customers who keep their cookie and fill in forms. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { RedisClientType } from "redis";
import { agent, type Response } from "supertest";
import { createShop, type ShopOptions } from "../../demo-app/app.js";
import { startRedis, type TestRedis } from "./servers/redis-server.js";

export interface TestShop {
  readonly url: string;
  readonly redis: TestRedis;
  readonly client: RedisClientType;
  close(): Promise<void>;
}

export const testSecret = "a secret for tests, long enough to pass";

export async function startShop(options: Partial<ShopOptions> = {}): Promise<TestShop> {
  const redis = await startRedis();
  const client = await redis.client();
  const shop = createShop({ redis: client, secret: testSecret, ...options });
  const server = createServer(shop.app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    redis,
    client,
    async close() {
      await shop.close();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await redis.stop();
    },
  };
}

type Fields = Record<string, string | number | string[]>;

/** A browser without JavaScript: it keeps its cookie and takes the form token from the last page it saw. */
export class Customer {
  readonly #agent: ReturnType<typeof agent>;
  token = "";

  constructor(shop: { url: string }) {
    this.#agent = agent(shop.url);
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.#seen(await this.#agent.get(path).set({ Accept: "text/html", ...headers }));
  }

  /** Sends a form with the token of the last page seen. */
  async submit(path: string, fields: Fields, headers: Record<string, string> = {}): Promise<Response> {
    if (this.token === "") await this.get("/login");
    return this.#seen(
      await this.#agent
        .post(path)
        .set({ Accept: "text/html", ...headers })
        .type("form")
        .send({ csrf: this.token, ...fields }),
    );
  }

  /** A request as it comes out of a script, with nothing added. */
  raw(method: "get" | "post", path: string) {
    return this.#agent[method](path);
  }

  async register(username: string, password = "correct horse"): Promise<Response> {
    const answer = await this.submit("/register", { username, password });
    await this.get("/");
    return answer;
  }

  async logIn(username: string, password = "correct horse"): Promise<Response> {
    await this.get("/login");
    const answer = await this.submit("/login", { username, password });
    await this.get("/");
    return answer;
  }

  async cart(): Promise<Record<string, number>> {
    const { value } = (await this.#agent.get("/session.json")).body as { value: string };
    const cart = (JSON.parse(value || "{}") as { cart?: Record<string, { quantity: number }> }).cart ?? {};
    return Object.fromEntries(Object.entries(cart).map(([sku, { quantity }]) => [sku, quantity]));
  }

  #seen(answer: Response): Response {
    this.token = /name="csrf-token" content="([^"]+)"/.exec(answer.text ?? "")?.[1] ?? this.token;
    return answer;
  }
}

/** The value of the session cookie that an answer sets. */
export function cookieOf(answer: Response): string | undefined {
  const cookies = (answer.headers["set-cookie"] ?? []) as string[];
  return cookies.map((cookie) => /^connect\.sid=([^;]*)/.exec(cookie)?.[1]).find((value) => value !== undefined);
}
