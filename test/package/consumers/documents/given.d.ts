// What programs in the documents use without saying where it comes from: their page, or the app, has it.
import type { Server } from "node:http";
import type createApp from "express";
import type { Express, Request, RequestHandler, Response } from "express";
import type { Store } from "express-session";
import type { Authenticator } from "passport";
import type { Pool } from "pg";
import type { RedisClientType } from "redis";
import type * as holdfast from "holdfast";
import type * as auth from "holdfast/auth";
import type * as migrate from "holdfast/migrate";

declare global {
  const express: typeof createApp;
  const passport: Authenticator;
  const redisSession: typeof holdfast.redisSession;
  const RedisSessionStore: typeof holdfast.RedisSessionStore;
  const localAuth: typeof auth.localAuth;
  type Row = migrate.Row;
  type RowLeft = migrate.RowLeft;

  const app: Express;
  const server: Server;
  const Server: typeof import("socket.io").Server;
  const secret: string;
  const client: RedisClientType;
  const pool: Pool;
  const sessions: holdfast.RedisSessionMiddleware;
  const store: migrate.MigratingStore;
  const auth: auth.LocalAuth;
  const yourOldStore: Store;
  const OurTable: new () => migrate.Source;
  const showShop: RequestHandler;
  const generateCsrfToken: (req: Request, res: Response) => string;
  const checkedClaims: (req: Request) => Promise<{ sub: string; name: string; auth_time?: number }>;
}

// What apps keep in sessions on pages that do not say so.
declare module "holdfast" {
  interface HoldfastSession {
    hasForm?: boolean;
    userId?: string;
  }
}
