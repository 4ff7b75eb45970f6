/** Errors of libraries and servers reach logs, so they must not carry what a command was sent with. */
// cspell:ignore geheim
import { inspect } from "node:util";
import { expect, it } from "vitest";
import { withoutArguments } from "../../lib/redis/without-arguments.js";

const command = { name: "auth", args: ["user", "geheim"] };
const shown = (error: unknown) => inspect(error, { depth: 9, showHidden: true });

it.each<[string, () => Error]>([
  ["on the error itself", () => Object.assign(new Error("WRONGPASS invalid"), { command })],
  ["on its cause", () => new Error("failed", { cause: Object.assign(new Error("aborted"), { command }) })],
  [
    "on the last error of a cluster",
    () =>
      Object.assign(new Error("Failed to refresh slots cache."), {
        lastNodeError: Object.assign(new Error("x"), { command }),
      }),
  ],
  [
    "on one of several errors",
    () => new AggregateError([new Error("a"), Object.assign(new Error("b"), { command })], "two"),
  ],
  [
    "in the words of the server",
    () => new Error("ERR unknown command 'UNLINK', with args beginning with: 'sess:geheim' 'geheim' "),
  ],
  [
    "in the words of the server, translated",
    () =>
      new Error("ERR unknown command `UNLINK`, with args beginning with: `sess:geheim`, ", {
        cause: new Error(
          "An error was signalled by the server: - ResponseError: unknown command `UNLINK`, with args beginning with: `sess:geheim`, ",
        ),
      }),
  ],
])("%s", (_place, make) => {
  const error = make();
  expect(shown(error)).toContain("geheim");
  expect(withoutArguments(error)).toBe(error);
  expect(shown(error)).not.toContain("geheim");
  expect(error.message).not.toBe("");
});

it("an error that refers to itself, and what is no error", () => {
  const error: Error = new Error("a");
  error.cause = error;
  expect(withoutArguments(error)).toBe(error);
  for (const other of [undefined, null, "text", 1, { command }]) expect(withoutArguments(other)).toBe(other);
});
