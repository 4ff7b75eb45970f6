/** A waiting response looks as if it had been sent, however it knows that by itself; afterwards it is as before. */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { sealAnswer } from "../../../lib/http/response-gate/seal.js";

/** As Bun's: it has Node.js' property `_header`, and `headersSent` goes by something else. */
class OwnNotion extends ServerResponse {}
Object.defineProperty(OwnNotion.prototype, "headersSent", { configurable: true, get: () => false });

describe.each([
  ["Node.js' own", ServerResponse],
  ["one that does not go by `_header`", OwnNotion],
])("%s", (_name, Response) => {
  const look = (res: ServerResponse) => {
    let isRefused = false;
    try {
      res.setHeader("X-Second", "1");
      res.removeHeader("X-Second");
    } catch (error) {
      isRefused = (error as { code: string }).code === "ERR_HTTP_HEADERS_SENT";
    }
    return { headersSent: res.headersSent, writableEnded: res.writableEnded, isRefused };
  };

  test("looks sent and ended while it waits, and not afterwards", () => {
    const res = new Response(new IncomingMessage(new Socket()));
    res.statusCode = 201;
    const before = look(res);
    const seal = sealAnswer(res);
    expect(look(res)).toEqual({ headersSent: true, writableEnded: false, isRefused: true });
    seal.end();
    expect(look(res)).toEqual({ headersSent: true, writableEnded: true, isRefused: true });
    res.statusCode = 500;
    seal.lift();
    expect(look(res)).toEqual(before);
    expect(before).toEqual({ headersSent: false, writableEnded: false, isRefused: false });
    expect(res.statusCode).toBe(201);
  });
});
