/** The one error class: what it carries, and how it is told from other errors. */
import { inspect } from "node:util";
import { expect, it, vi } from "vitest";
import { codes, HoldfastError } from "../../lib/errors/index.js";

const make = (Class: typeof HoldfastError) => new Class(codes.SESSION_GONE, "The session is gone.");

it("HoldfastError.is knows the errors of another copy of the package, which instanceof does not", async () => {
  vi.resetModules();
  const other = await import("../../lib/errors/index.js");
  const error = make(other.HoldfastError);
  expect(error instanceof HoldfastError).toBe(false);
  expect(HoldfastError.is(error)).toBe(true);
  expect(other.HoldfastError.is(make(HoldfastError))).toBe(true);
});

it("HoldfastError.is takes nothing else for one, and survives whatever it is asked", () => {
  const likeOne = Object.assign(new Error("no"), { name: "HoldfastError", code: codes.SESSION_GONE });
  for (const other of [likeOne, new Error("no"), {}, null, undefined, 1, "HoldfastError", () => {}]) {
    expect(HoldfastError.is(other)).toBe(false);
  }
});

it("takes the reason of its cause over, also of another copy's", async () => {
  vi.resetModules();
  const other = await import("../../lib/errors/index.js");
  const cause = new other.HoldfastError(codes.STORE_UNAVAILABLE, "Redis is away.", { reason: "down" });
  expect(new HoldfastError(codes.STORE_UNAVAILABLE, "Not saved.", { cause }).reason).toBe("down");
});

it("shows the address of its section where it is printed, and not the mark", () => {
  const text = inspect(make(HoldfastError));
  expect(text).toContain("/errors.html#session_gone");
  expect(text).not.toContain("Symbol(");
});
