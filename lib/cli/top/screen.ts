/**
 * The whole terminal: drawn anew in place, and given back as it was on every way out. The alternate screen keeps what
 * was there before. Lines do not wrap, so that a terminal that counts a character as wider than we do loses only its end.
 */
import type { Size } from "./page.js";

const enter = "\u001B[?1049h\u001B[?25l\u001B[?7l";
const leave = "\u001B[?7h\u001B[?25h\u001B[?1049l";
const home = "\u001B[H";
const clearLine = "\u001B[K";
const clearBelow = "\u001B[J";
/** Terminals that know this show a page only when all of it is there; others ignore it. */
const together = ["\u001B[?2026h", "\u001B[?2026l"] as const;

/** Keys in raw mode, in which Ctrl-C and Ctrl-Z are characters too. */
const quit = /[qQ]/;
const ctrlC = "\u0003";
const ctrlZ = "\u001A";

export interface ScreenOutput {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
  on(event: "resize", listener: () => void): unknown;
  off(event: "resize", listener: () => void): unknown;
}

export interface ScreenInput {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
  on(event: "data", listener: (data: Buffer | string) => void): unknown;
  off(event: "data", listener: (data: Buffer | string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

export interface Keys {
  /** `q` was pressed. */
  onQuit(): void;
  /** Ctrl-C was pressed. */
  onInterrupt(): void;
  /** Ctrl-Z was pressed, and the terminal has been given back, until the next `show()`. */
  onSuspend(): void;
}

type Draw = (size: Size) => readonly string[];

export class Screen {
  readonly #output: ScreenOutput;
  readonly #input: ScreenInput;
  readonly #keys: Keys;
  readonly #redraw = () => this.#paint();
  readonly #leave = () => this.close();
  readonly #heard = (data: Buffer | string) => this.#typed(String(data));
  #draw: Draw | undefined;
  #isOpen = false;

  constructor(output: ScreenOutput, input: ScreenInput, keys: Keys) {
    this.#output = output;
    this.#input = input;
    this.#keys = keys;
  }

  get size(): Size {
    return sizeOf(this.#output);
  }

  /** Takes the terminal, unless it has it. `draw` is called again whenever its size changes. */
  show(draw: Draw): void {
    this.#draw = draw;
    if (!this.#isOpen) this.#open();
    this.#paint();
  }

  /** May be called twice. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off("exit", this.#leave);
    this.#output.off("resize", this.#redraw);
    this.#input.off("data", this.#heard);
    if (this.#input.isTTY) {
      this.#input.setRawMode?.(false);
      this.#input.pause();
    }
    this.#output.write(leave);
  }

  #open(): void {
    this.#isOpen = true;
    process.on("exit", this.#leave); // also after an error that nothing has caught
    this.#output.on("resize", this.#redraw);
    this.#output.write(enter);
    if (!this.#input.isTTY) return;
    this.#input.setRawMode?.(true);
    this.#input.on("data", this.#heard);
    this.#input.resume();
  }

  #typed(keys: string): void {
    if (keys.includes(ctrlC)) this.#keys.onInterrupt();
    else if (quit.test(keys)) this.#keys.onQuit();
    else if (keys.includes(ctrlZ)) {
      this.close();
      this.#keys.onSuspend();
    }
  }

  #paint(): void {
    if (!this.#isOpen || !this.#draw) return;
    const lines = this.#draw(this.size).map((line) => line + clearLine);
    // No line break behind the last line: at the bottom, it would scroll.
    this.#output.write(together[0] + home + lines.join("\r\n") + clearBelow + together[1]);
  }
}

/** A terminal that does not know its size says 0. */
export function sizeOf({ columns, rows }: Pick<ScreenOutput, "columns" | "rows">): Size {
  return { width: columns || 80, height: rows || 24 };
}
