/** A framework whose `next` serves one request after the other: an error that comes late must not reach another visitor. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { redisSession } from "holdfast";
import { sessionCookie, testRedis } from "holdfast/testing";
import { expectNothingUnhandled } from "../support/unhandled.js";
import { Meeting } from "../support/web-site.js";

expectNothingUnhandled();

type Next = (error?: unknown) => void;
type Middleware = (req: IncomingMessage, res: ServerResponse, next: Next) => void;
type Complete = (error: unknown, req: IncomingMessage, res: ServerResponse) => void;
type Begin = (req: IncomingMessage, res: ServerResponse) => void;

interface Course {
  at: number;
  visit: { req: IncomingMessage; res: ServerResponse } | undefined;
  readonly next: Next;
}

/** Keeps what belongs to a request in an object that the next request gets, together with its `next`. */
function framework(middleware: readonly Middleware[], complete: Complete): { begin: Begin; made: () => number } {
  const free: Course[] = [];
  let made = 0;

  function makeCourse(): Course {
    made++;
    const course: Course = {
      at: 0,
      visit: undefined,
      next(error) {
        const { req, res } = course.visit!;
        const at = course.at++;
        if (error === undefined && at < middleware.length) return middleware[at]!(req, res, course.next);
        complete(error, req, res);
        end(course);
      },
    };
    return course;
  }

  function end(course: Course): void {
    Object.assign(course, { at: 0, visit: undefined });
    free.push(course);
  }

  return {
    made: () => made,
    begin(req, res) {
      const course = free.pop() ?? makeCourse();
      course.visit = { req, res };
      course.next();
    },
  };
}

it("is not called again, even if the visitor to whom it belongs by now has not come to the session yet", async () => {
  const client = testRedis();
  const sessions = redisSession({ client, secret: "a secret of at least 32 characters" });
  const cookie = await sessionCookie(sessions, { name: "Ada" });
  const [firstIsThere, secondIsThere, firstIsOver] = [new Meeting(2), new Meeting(2), new Meeting(2)];
  const slow: Middleware = (req, _res, next) => {
    if (req.url !== "/second") return next();
    void secondIsThere.arrive(); // it waits here, with the `next` that the first one had
    void firstIsOver.arrive().then(() => next());
  };
  const complete: Complete = async (error, req, res) => {
    if (error !== undefined) return void res.writeHead(500).end("somebody's error");
    if (req.url === "/second") return void res.end("second");
    Object.assign((req as unknown as { session: object }).session, { name: "Countess" });
    res.once("close", () => void firstIsOver.arrive());
    void firstIsThere.arrive();
    await secondIsThere.arrive();
    res.end("first");
  };
  const { begin, made } = framework([slow, sessions], complete);
  const server = createServer(begin);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  client.goDown("writes");
  const first = fetch(`${url}/first`, { headers: { cookie } });
  await firstIsThere.arrive();
  const second = await fetch(`${url}/second`);
  expect([second.status, await second.text()]).toEqual([200, "second"]);
  const { status, headers } = await first;
  expect([status, headers.get("retry-after"), await (await first).text()]).toEqual([503, "1", "Service Unavailable\n"]);
  expect(made()).toBe(1);
});
