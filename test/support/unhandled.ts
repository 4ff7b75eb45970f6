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

/** What was thrown where nobody could catch it, instead of ending the tests. Call the returned function when it is over. */
export function noteUncaught(): { readonly thrown: unknown[]; stop(): void } {
  const thrown: unknown[] = [];
  const note = (error: unknown) => void thrown.push(error);
  const before = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", note);
  return {
    thrown,
    stop() {
      process.off("uncaughtException", note);
      for (const listener of before) process.on("uncaughtException", listener);
    },
  };
}
