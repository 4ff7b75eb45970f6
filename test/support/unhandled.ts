/** Notes what nobody handled while the tests of a file ran: promise rejections and exceptions. */
import { afterAll, beforeAll, expect } from "vitest";

export function expectNothingUnhandled(): void {
  const seen: unknown[] = [];
  const note = (reason: unknown) => void seen.push(reason);
  beforeAll(() => void process.on("unhandledRejection", note));
  afterAll(() => {
    process.off("unhandledRejection", note);
    expect(seen).toEqual([]);
  });
}
