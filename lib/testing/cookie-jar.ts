/** The cookies of a visitor: of a supertest agent, or written as in the header `Cookie`. */

/** As much of a supertest (superagent) agent as is used here. */
export interface TestAgent {
  readonly jar: {
    setCookie(line: string, domain: string, path: string): unknown;
    getCookies(access: { domain: string; path: string; secure: boolean; script: boolean }): { toValueString(): string };
  };
}

/** Somebody with cookies: a supertest agent, or the header `Cookie` (a `Set-Cookie` line will do). */
export type TestVisitor = TestAgent | string;

/** Gives an agent the cookie, as one of the app itself, in place of the one that it may have. */
export function addCookie(agent: TestAgent, cookie: string): void {
  agent.jar.setCookie(`${cookie}; Path=/`, hostOf(agent), "/");
}

/** The header `Cookie` that the visitor sends. */
export function cookiesOf(visitor: TestVisitor): string {
  if (typeof visitor === "string") return visitor;
  return visitor.jar.getCookies({ domain: hostOf(visitor), path: "/", secure: true, script: false }).toValueString();
}

/** supertest serves an app on 127.0.0.1; otherwise it was given the URL. */
function hostOf({ app }: TestAgent & { app?: unknown }): string {
  return typeof app === "string" && URL.canParse(app) ? new URL(app).hostname : "127.0.0.1";
}
