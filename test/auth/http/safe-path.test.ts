/** Where a login may send its visitor: to a path of this site, nowhere else. */
import { safePath } from "holdfast/auth";
import { describe, expect, it } from "vitest";

describe("safePath", () => {
  it.each(["/", "/account", "/products/rope?added", "/search?q=a%2Fb", `/${"a".repeat(499)}`])(
    "lets %s through",
    (path) => {
      expect(safePath(path, "/fallback")).toBe(path);
    },
  );

  it.each([
    ["another site", "https://evil.example/"],
    ["a site without a scheme", "//evil.example"],
    ["a backslash", "/\\evil.example"],
    ["a backslash further on", "/a\\b"],
    ["a tab between slashes", "/\t/evil.example"],
    ["a line end", "/\n/evil.example"],
    ["dots that resolve to two slashes", "/.//evil.example"],
    ["dots up to two slashes", "/a/..//evil.example"],
    ["a script", "javascript:alert(1)"],
    ["a relative path", "account"],
    ["a relative path with a slash in it", "account/settings"],
    ["what cannot be a URL", "//["],
    ["a path that is too long", `/${"a".repeat(500)}`],
    ["nothing", ""],
    ["no string", ["/account"]],
    ["an absent field", undefined],
    ["half a megabyte", `/${"a".repeat(500_000)}`],
  ])("refuses %s", (_, given) => expect(safePath(given, "/fallback")).toBe("/fallback"));
});
