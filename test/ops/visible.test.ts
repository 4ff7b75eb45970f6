/** Text that others have chosen, as terminals and pages show it. */
import { describe, expect, it } from "vitest";
import { visible, visibleJson, visibleLines } from "../../lib/ops/visible.js";

const nasty = "a\u001b[2J\u0007\n\t\r\u0000\u009b\u202e\u2066\u200f\u2028\ud800é字😀";

describe("characters that are invisible, or control a terminal or the order of others", () => {
  it("are written as in JSON", () => {
    expect(visible(nasty)).toBe(String.raw`a\u001b[2J\u0007\n\t\r\u0000\u009b\u202e\u2066\u200f\u2028\ud800é字😀`);
    expect(visible("\u{e0041}")).toBe(String.raw`\udb40\udc41`); // a tag, which nobody sees
  });

  it("of two names that look the same, each looks different", () => {
    expect(visible("ada\u200b")).not.toBe(visible("ada\u200c"));
  });

  it("lines stay lines where text is laid out", () => {
    expect(visibleLines("{\n\u202e")).toBe(String.raw`{${"\n"}\u202e`);
  });

  it.each([[undefined], [2]])("in JSON, indented by %s, they read the same", (indent) => {
    const text = visibleJson({ nasty, [nasty]: 1 }, indent);
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{C}\u2028]/u);
    expect(JSON.parse(text)).toEqual({ nasty, [nasty]: 1 });
  });

  it("what is harmless stays as it is", () => {
    for (const text of ["ada", "CORP\\ada", "O'Neil <ada@x.example>", "José", "שלום", "字", "😀"])
      expect(visible(text)).toBe(text);
  });
});
