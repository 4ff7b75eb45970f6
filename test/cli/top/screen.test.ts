/** The whole terminal as `holdfast top` uses it, on streams that note what they get. */
import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Screen, type ScreenInput, type ScreenOutput } from "../../../lib/cli/top/screen.js";

class Output extends EventEmitter implements ScreenOutput {
  columns = 100;
  rows = 30;
  text = "";
  write(text: string) {
    this.text += text;
  }
  /** What was written since this was last called. */
  take(): string {
    const { text } = this;
    this.text = "";
    return text;
  }
}

class Input extends EventEmitter implements ScreenInput {
  isTTY = true;
  calls: string[] = [];
  setRawMode(isRaw: boolean) {
    this.calls.push(isRaw ? "raw" : "cooked");
  }
  resume() {
    this.calls.push("resume");
  }
  pause() {
    this.calls.push("pause");
  }
}

const taken = "\u001b[?1049h\u001b[?25l\u001b[?7l";
const given = "\u001b[?7h\u001b[?25h\u001b[?1049l";

let output: Output;
let input: Input;
let pressed: string[];
let screen: Screen;
beforeEach(() => {
  output = new Output();
  input = new Input();
  pressed = [];
  screen = new Screen(output, input, {
    onQuit: () => pressed.push("q"),
    onInterrupt: () => pressed.push("Ctrl-C"),
    onSuspend: () => pressed.push("Ctrl-Z"),
  });
});

afterEach(() => screen.close());

it("is not touched before there is something to show", () => {
  screen.close();
  expect([output.text, input.calls, output.listenerCount("resize")]).toEqual(["", [], 0]);
});

it("is taken with the first page and given back once, with everything as it was", () => {
  const before = process.listenerCount("exit");
  screen.show(() => ["one"]);
  expect(output.take().startsWith(taken)).toBe(true);
  screen.show(() => ["two"]);
  expect(output.take()).not.toContain(taken);
  screen.close();
  screen.close();
  expect(output.take()).toBe(given);
  expect(input.calls).toEqual(["raw", "resume", "cooked", "pause"]);
  expect([output.listenerCount("resize"), input.listenerCount("data")]).toEqual([0, 0]);
  expect(process.listenerCount("exit")).toBe(before);
});

it("is drawn in one piece, from its corner, line by line, with nothing left of what was there", () => {
  screen.show(() => ["first"]);
  output.take();
  screen.show(() => ["one", "two"]);
  expect(output.take()).toBe("\u001b[?2026h\u001b[Hone\u001b[K\r\ntwo\u001b[K\u001b[J\u001b[?2026l");
});

it("is drawn anew when its size changes, and not once it is given back", () => {
  screen.show(({ width, height }) => [`${width} x ${height}`]);
  expect(output.take()).toContain("100 x 30");
  Object.assign(output, { columns: 60, rows: 0 }).emit("resize");
  expect(output.take()).toContain("60 x 24"); // a terminal that does not know its height
  screen.close();
  output.take();
  output.emit("resize");
  expect(output.take()).toBe("");
});

it("is given back when the process ends for whatever reason", () => {
  screen.show(() => ["one"]);
  output.take();
  const [leave] = process.listeners("exit").slice(-1);
  leave?.(1);
  expect(output.take()).toBe(given);
});

it("hears q and Ctrl-C, and nothing else", () => {
  screen.show(() => ["one"]);
  for (const keys of ["x", "\u001b[A", "\r"]) input.emit("data", Buffer.from(keys));
  expect(pressed).toEqual([]);
  for (const keys of ["q", "Q", "\u0003"]) input.emit("data", Buffer.from(keys));
  expect(pressed).toEqual(["q", "q", "Ctrl-C"]);
});

it("is given back for Ctrl-Z, and taken again with the next page", () => {
  screen.show(() => ["one"]);
  output.take();
  input.emit("data", Buffer.from("\u001A"));
  expect([output.take(), pressed]).toEqual([given, ["Ctrl-Z"]]);
  screen.show(() => ["two"]);
  expect(output.take().startsWith(taken)).toBe(true);
  expect(input.calls).toEqual(["raw", "resume", "cooked", "pause", "raw", "resume"]);
});

it("does without keys if stdin is no terminal", () => {
  input.isTTY = false;
  screen.show(() => ["one"]);
  screen.close();
  expect([input.calls, input.listenerCount("data")]).toEqual([[], 0]);
});
