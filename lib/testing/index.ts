/**
 * The public API of `holdfast/testing`: sessions and logins for the tests of an app, without a Redis server.
 *
 *     test-redis.ts     `testRedis()`, a Redis in memory, as the client of an app
 *     test-sessions.ts  `testSessions()`, the middleware with such a client
 *     session-of.ts     sessions that begin with given values, and what is in them
 *     log-in-as.ts      logins without a password
 *     memory/           that Redis: what is stored, the commands, the scripts
 */
export type { AnySessions } from "./any-sessions.js";
export type { TestAgent, TestVisitor } from "./cookie-jar.js";
export { logInAs, loginCookie, type LogInAsOptions, type TestUser } from "./log-in-as.js";
export { beginSession, sessionCookie, sessionOf, type TestSessionValues } from "./session-of.js";
export { testRedis, type TestOutage, type TestRedis } from "./test-redis.js";
export { testSessions, type TestSessions, type TestSessionsOptions } from "./test-sessions.js";
