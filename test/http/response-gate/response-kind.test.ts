/** Which responses can be held until the session is saved, which can at least be answered, and which are none. */
import { IncomingMessage, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { canAnswer, isFull, responseKind } from "../../../lib/http/response-gate/response-kind.js";

const method = () => undefined;
const methods = { writeHead: method, write: method, end: method, setHeader: method, getHeader: method };
const full = { headersSent: false, ...methods };
const throwing = () =>
  new Proxy(full, {
    get: () => {
      throw new Error("not now");
    },
  });

test.each<[string, make: () => object, isFull: boolean]>([
  ["a response of Node.js", () => new ServerResponse(new IncomingMessage(null as never)), true],
  ["one that equals it", () => full, true],
  ["one that inherits its methods", () => Object.create({ ...full, headersSent: true }) as object, true],
  ["one that throws when it is asked", throwing, false],
  ["one that does not say whether it has begun", () => methods, false],
  ["nothing", () => ({}), false],
  ...Object.keys(methods).map((name): [string, () => object, boolean] => [
    `one without ${name}()`,
    () => ({ ...full, [name]: 1 }),
    false,
  ]),
])("%s: can it be held?", (_name, make, expected) => expect(isFull(make() as ServerResponse)).toBe(expected));

test.each<[object, boolean]>([
  [full, true],
  [{ writeHead: method }, true],
  [{ end: method }, true],
  [{ write: method, setHeader: method, end: true }, false],
  [{}, false],
])("%o can be answered: %s", (res, expected) => expect(canAnswer(res)).toBe(expected));

const handshake = { headers: { upgrade: "WebSocket" } };
const page = { headers: {} };
test.each<[string, object, object, string]>([
  ["one of an ordinary request", full, page, "full"],
  ["one of a request that waits behind another one on its connection", { ...full, socket: null }, page, "full"],
  ["one of a handshake that has a connection", { ...full, socket: {} }, handshake, "full"],
  ["one that express-ws makes up for a handshake that is over", { ...full, socket: null }, handshake, "none"],
  ["one of engine.io", { writeHead: method, end: method }, handshake, "prompt"],
  ["an empty object", {}, handshake, "none"],
])("%s is of the right kind", (_name, res, req, expected) =>
  expect(responseKind(res as ServerResponse, req as IncomingMessage)).toBe(expected),
);
