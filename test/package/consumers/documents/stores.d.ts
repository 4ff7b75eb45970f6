// As much of connect-mongo as the documents use: it would bring the MongoDB driver along.
declare module "connect-mongo" {
  import { Store } from "express-session";
  export default class MongoStore extends Store {
    static create(options: { mongoUrl: string }): MongoStore;
    get: Store["get"];
    set: Store["set"];
    destroy: Store["destroy"];
  }
}

declare module "express-rate-limit" {
  import type { Request, RequestHandler } from "express";

  export function ipKeyGenerator(ip: string): string;
  export function rateLimit(options: {
    windowMs: number;
    limit: number;
    keyGenerator: (req: Request) => string;
  }): RequestHandler;
}
