// What examples in docstrings use without saying where it comes from: the app, its database, a request.
import type { IncomingMessage, Server } from "node:http";
import type { Express, Request, RequestHandler } from "express";
import type expressModule from "express";
import type sessionModule from "express-session";
import type { SessionData, Store } from "express-session";
import type { Authenticator } from "passport";
import type { Pool } from "pg";
import type { agent as makeAgent } from "supertest";
import type { RedisClientType, createClient as create } from "redis";
import type * as holdfast from "holdfast";
import type * as logins from "holdfast/auth";
import type * as migrate from "holdfast/migrate";
import type * as ops from "holdfast/ops";

declare global {
  const express: typeof expressModule;
  const session: SessionData & typeof sessionModule;
  const passport: Authenticator;
  const createClient: typeof create;
  const PgStore: new (options: { pool: Pool }) => Store;
  const app: Express;
  const server: Server;
  const client: RedisClientType;
  const url: string;
  const secret: string;
  const sessions: holdfast.RedisSessionMiddleware<holdfast.RedisSessionStore, RedisClientType>;
  const auth: logins.LocalAuth;
  const accounts: logins.AccountStore;
  const redis: holdfast.RedisSessionStore;
  const control: migrate.MoveControl;
  const admin: ops.SessionAdmin;
  const otherAdmin: ops.SessionAdmin;
  const move: migrate.Move;
  const source: migrate.Source;

  const req: Request;
  const res: Parameters<RequestHandler>[1];
  const socket: { request: IncomingMessage; close(): void; once(event: "close", listener: () => void): void };
  const showShop: RequestHandler;
  const changeEmail: RequestHandler;
  const sid: string;
  const agent: ReturnType<typeof makeAgent>;
  const id: string;
  const host: string;
  const pid: number;
  const error: unknown;

  const db: Pool;
  const pool: Pool;
  const row: { id: string; password: string };
  const account: logins.Account;
  const user: { id: string; login: string; tenant: string };
  const claims: { auth_time: number };
  const hash: string;
  const username: string;
  const password: string;
  const current: string;
  const next: string;
  const log: Console;
  const cityOf: (address: string) => string | undefined;
  const carts: { prefetch(sid: string): Promise<void> };
}
