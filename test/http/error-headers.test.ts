/** The headers of a store's error, in the plain response that is sent when the app does not respond to the error. */
import { sign } from "cookie-signature";
import { MemoryStore } from "express-session";
import inject from "light-my-request";
import { expect, test } from "vitest";
import { redisSession } from "holdfast";
import { secret } from "../promises/candidates.js";

class FailingStore extends MemoryStore {
  readonly #headers: unknown;

  constructor(headers: unknown) {
    super();
    this.#headers = headers;
  }

  override get(_sid: string, callback: (error: unknown) => void): void {
    callback(Object.assign(new Error("cannot read"), { status: 503, headers: this.#headers }));
  }
}

async function responseTo(headers: unknown) {
  const sessions = redisSession({ store: new FailingStore(headers), secret });
  const cookie = `connect.sid=${encodeURIComponent(`s:${sign("some-id", secret)}`)}`;
  return inject((req, res) => sessions(req as never, res as never, () => {}), { url: "/", headers: { cookie } });
}

test("are sent with it", async () => {
  const { statusCode, headers } = await responseTo({ "Retry-After": "7" });
  expect([statusCode, headers["retry-after"]]).toEqual([503, "7"]);
});

test.each([undefined, null, "abc", 5, Object.assign(() => {}, { a: "b" })])("%o: there are none", async (given) => {
  const { statusCode, headers, body } = await responseTo(given);
  expect([statusCode, body]).toEqual([503, "Service Unavailable\n"]);
  expect(Object.keys(headers).sort()).toEqual(["connection", "content-type", "date", "transfer-encoding"]);
});
