/** Sessions for the visitors of a test: begun with given values, and looked at. */
import { parse } from "cookie";
import type { Session, SessionData } from "express-session";
import { setupInvalid } from "../errors/index.js";
import type { AnySessions } from "./any-sessions.js";
import { addCookie, cookiesOf, type TestAgent, type TestVisitor } from "./cookie-jar.js";
import { refuseInProduction } from "./refuse-in-production.js";
import { look, visit, type Visit } from "./visit.js";

/** What an app stores in a session: with its types, as far as it has declared them. */
export type TestSessionValues = Partial<Omit<SessionData, "cookie">> & Record<string, unknown>;

/**
 * Begins a session that holds these values. Returns the header `Cookie` that its visitor sends.
 *
 * @throws HoldfastError `HOLDFAST_TESTING_IN_PRODUCTION`, and what saving a session throws
 * @example
 * const cookie = await sessionCookie(sessions, { views: 41 });
 * const response = await fetch("http://127.0.0.1:3000/", { headers: { cookie } });
 */
export async function sessionCookie(sessions: AnySessions, values: TestSessionValues = {}): Promise<string> {
  refuseInProduction("sessionCookie()");
  return newCookie(sessions, async ({ session }) => {
    Object.assign(session, values);
  });
}

/**
 * Begins a session that holds these values, as that of a supertest agent.
 *
 * @throws HoldfastError `HOLDFAST_TESTING_IN_PRODUCTION`, and what saving a session throws
 * @example
 * await beginSession(agent, sessions, { views: 41 });
 * const response = await agent.get("/"); // "You have been here 42 times."
 */
export async function beginSession(agent: TestAgent, sessions: AnySessions, values?: TestSessionValues): Promise<void> {
  addCookie(agent, await sessionCookie(sessions, values));
}

/**
 * What is stored in a visitor's session, without the cookie; `undefined` if they have none, or if it has ended. It is
 * a copy, and looking does not refresh the session's lifetime.
 *
 * @throws HoldfastError `HOLDFAST_TESTING_IN_PRODUCTION`, `SESSION_STORE_UNAVAILABLE`
 * @example
 * const session = await sessionOf(agent, sessions);
 * console.log(session?.views);
 */
export async function sessionOf(visitor: TestVisitor, sessions: AnySessions): Promise<TestSessionValues | undefined> {
  refuseInProduction("sessionOf()");
  const header = cookiesOf(visitor);
  let values: TestSessionValues | undefined;
  await look(sessions, header, async ({ session, sessionID }) => {
    const { cookie: _cookie, ...stored } = session;
    // Whoever has none gets a new one.
    const isTheirs = parse(header)[sessions.cookieName]?.startsWith(`s:${sessionID}.`);
    if (isTheirs) values = structuredClone(stored);
  });
  return values;
}

/** Begins a session, which `fill` fills, and returns the header `Cookie` of its visitor. */
export async function newCookie(sessions: AnySessions, fill: (req: Visit) => Promise<void>): Promise<string> {
  const line = await visit(sessions, undefined, async (req) => {
    await fill(req);
    await saved(req.session); // even if nothing was put into it
  });
  const cookie = line?.split(";", 1)[0];
  if (cookie) return cookie;
  throw setupInvalid("A session was begun for a test, but it set no cookie: look at the options of these sessions.");
}

function saved(session: Session): Promise<void> {
  return new Promise((resolve, reject) => {
    session.save((error: unknown) => (error ? reject(error) : resolve()));
  });
}
