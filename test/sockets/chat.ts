/** The chat of docs/sockets.md, with clients of socket.io. */
import { io, type Socket } from "socket.io-client";
import { expect, onTestFinished } from "vitest";
import { blockWith } from "../docs/support/pages.js";
import { Person, type Program } from "./programs.js";

/** What a client has seen so far. */
export interface Client {
  readonly socket: Socket;
  readonly seen: string[];
}

interface ConnectOptions {
  /** Of a namespace. */
  path?: string;
  headers?: Record<string, string>;
}

export function connect(
  person: Person,
  site: Program,
  transport: string,
  { path = "", headers = {} }: ConnectOptions = {},
): Client {
  const extraHeaders = { cookie: person.cookie, ...headers };
  const options = { transports: [transport], extraHeaders, reconnection: false, forceNew: true };
  const socket = io(site.url + path, options);
  onTestFinished(() => void socket.disconnect());
  const seen: string[] = [];
  socket.on("connect", () => seen.push("connected"));
  socket.on("said", (text: string) => seen.push(text));
  socket.on("disconnect", () => seen.push("closed"));
  socket.on("connect_error", (error) => seen.push(error.message));
  return { socket, seen };
}

export async function until(client: Client, ...seen: string[]): Promise<void> {
  await expect.poll(() => client.seen, { timeout: 5000 }).toEqual(seen);
}

const password = "correct horse";

/** Somebody who has just registered, and is logged in. */
export const registered = (username: string, site: Program) => entered("register", username, site);

/** Somebody who has an account, and has just logged in. */
export const loggedIn = (username: string, site: Program) => entered("login", username, site);

async function entered(path: string, username: string, site: Program): Promise<Person> {
  const person = new Person();
  expect((await person.post(`${site.url}/${path}`, { username, password })).to).toBe("/");
  return person;
}

/** The chat with what the page has under "Connection state recovery". */
export function withRecovery(program: string): string {
  const [, server, check] = /(const io = .+;)\n\n(io\.use\([^]+\}\);)/.exec(
    blockWith("docs/sockets.md", "recovery.mjs").text,
  )!;
  return replaced(replaced(program, /^const io = .+;$/m, server!), /^io\.use\([^]+?^\}\);$/m, check!);
}

export function replaced(text: string, what: RegExp | string, by: string): string {
  const changed = text.replace(what, () => by);
  if (changed === text) throw new Error(`the program has no ${String(what)}`);
  return changed;
}
