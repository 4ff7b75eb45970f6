/** Runs a program on a site: what every visitor is sent, and what is stored after each request. */
import { Agent, createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { handle, type AnyRequest, type Step } from "./program.js";

export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;

/** What is stored for a session: its values, its cookie's settings, and the seconds that are left. */
interface Kept {
  values: unknown;
  secondsLeft: number | null;
}

export interface Side {
  /** The middleware that responds to this step. */
  middleware(step: Step, number: number): Middleware;
  kept(id: string, step: Step, number: number): Promise<Kept | null>;
}

/** What one request came to. Ids are numbered in the order in which they were seen. */
export interface Outcome {
  status: number;
  body: unknown;
  headers: Record<string, unknown>;
  cookie: unknown;
  sights: unknown;
  kept: Record<string, Kept | null>;
}

export interface Site {
  run(side: Side, program: readonly Step[]): Promise<Outcome[]>;
  close(): Promise<void>;
}

interface Answer {
  status: number;
  body: string;
  headers: Record<string, unknown>;
  setCookie: string[];
}

export async function openSite(): Promise<Site> {
  let current: { middleware: Middleware; step: Step; number: number } | undefined;
  let sights: unknown;
  const server: Server = createServer((req, res) => {
    const { middleware, step, number } = current!;
    const fail = (error: unknown) => {
      if (res.headersSent) return void res.end();
      res.statusCode = 500;
      res.end(`failed: ${(error as Error).message}`);
    };
    middleware(req, res, (error) => {
      if (error) return fail(error);
      handle(req as AnyRequest, res, step, `mark ${number}`).then((seen) => (sights = seen), fail);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });

  const ask = (method: string, cookie: string | undefined) =>
    new Promise<Answer>((resolve, reject) => {
      const headers = cookie === undefined ? {} : { cookie };
      request({ host: "127.0.0.1", port, method, agent, headers }, (res) => {
        let body = "";
        res.setEncoding("utf8").on("data", (part: string) => (body += part));
        res.on("error", reject).on("end", () => {
          // How a body is delimited differs: express-session sends the first part of it before it saves.
          const {
            "set-cookie": setCookie = [],
            date: _date,
            "content-length": _length,
            "transfer-encoding": _encoding,
            ...others
          } = res.headers;
          resolve({ status: res.statusCode!, body, headers: others, setCookie });
        });
      })
        .on("error", reject)
        .setTimeout(1500, () => reject(new Error("not answered within 1.5 s")))
        .end();
    });

  return {
    async run(side, program) {
      const jars = new Map<number, { own?: string; former?: string }>();
      const ids = new Map<string, string>();
      const nameOf = (id: string) => {
        if (!ids.has(id)) ids.set(id, `session ${ids.size}`);
        return ids.get(id)!;
      };
      const outcomes: Outcome[] = [];
      for (const [number, step] of program.entries()) {
        const jar = jars.get(step.visitor) ?? {};
        jars.set(step.visitor, jar);
        current = { middleware: side.middleware(step, number), step, number };
        sights = undefined;
        const answer = await ask(step.method, cookieHeader(jar, step.cookie)).catch((error: Error) => {
          throw new Error(`request ${number}: ${error.message}`);
        });
        const line = answer.setCookie.find((one) => one.startsWith("connect.sid="));
        if (line) {
          const now = line.split(";")[0]!;
          if (jar.own !== undefined && jar.own !== now) jar.former = jar.own;
          jar.own = now;
          nameOf(idIn(jar.own));
        }
        const kept: Outcome["kept"] = {};
        for (const [id, name] of ids) kept[name] = await side.kept(id, step, number);
        const { status, headers } = answer;
        const body = parsed(answer.body);
        outcomes.push({ status, body, headers, cookie: line && describeCookie(line, nameOf), sights, kept });
      }
      return outcomes;
    },
    async close() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The order of a session's keys may differ. */
function parsed(body: string): unknown {
  const start = body.indexOf("[");
  return start < 0 ? body : [body.slice(0, start), JSON.parse(body.slice(start))];
}

function cookieHeader(jar: { own?: string; former?: string }, kind: Step["cookie"]): string | undefined {
  const { own, former } = jar;
  if (own === undefined || kind === "none") return undefined;
  if (kind === "former") return former ?? own;
  if (kind === "twice") return `${own}; ${former ?? own}`;
  if (kind === "forged") return `${own.slice(0, -3)}abc`;
  if (kind === "unsigned") return `connect.sid=${idIn(own)}`;
  return own;
}

function idIn(cookie: string): string {
  const signed = decodeURIComponent(cookie.slice(cookie.indexOf("=") + 1)).replace(/^s:/, "");
  return signed.slice(0, signed.lastIndexOf("."));
}

/** Its attributes, with the expiry as seconds from now. */
function describeCookie(line: string, nameOf: (id: string) => string): unknown {
  const [pair, ...attributes] = line.split("; ");
  const expiry = attributes.find((one) => one.startsWith("Expires="));
  const seconds = expiry === undefined ? null : (Date.parse(expiry.slice("Expires=".length)) - Date.now()) / 1000;
  return { session: nameOf(idIn(pair!)), attributes: attributes.filter((one) => one !== expiry), seconds };
}

/** Whether two outcomes are the same, give or take the seconds that pass. */
export function differences(a: unknown, b: unknown, at = ""): string[] {
  if (typeof a === "number" && typeof b === "number") {
    const isTime = /seconds|originalMaxAge/.test(at);
    const most = at.endsWith("originalMaxAge") ? 1000 : 3;
    return Object.is(a, b) || (isTime && Math.abs(a - b) <= most) ? [] : [`${at}: ${a} and ${b}`];
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return Object.is(a, b) ? [] : [`${at}: ${JSON.stringify(a)} and ${JSON.stringify(b)}`];
  }
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  const valueAt = (of: object, key: string): unknown => (Object.hasOwn(of, key) ? of[key as never] : undefined);
  return [...keys].flatMap((key) => differences(valueAt(a, key), valueAt(b, key), `${at}/${key}`));
}
