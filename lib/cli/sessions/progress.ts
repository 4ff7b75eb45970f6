/** Says how far a long task is: every few seconds, and when it has failed in the middle. */
import { number } from "../words.js";

/** Milliseconds between two lines. */
const interval = 5000;

export class Progress {
  readonly #say: (line: string) => void;
  #reached: string | undefined;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** How far it was at last; undefined if nothing was done. */
  get reached(): string | undefined {
    return this.#reached;
  }

  readonly of = (what: string): ((done: number) => void) => {
    let toldAt = performance.now();
    return (done) => {
      this.#reached = `${number(done)} ${what}`;
      const now = performance.now();
      if (now - toldAt < interval) return;
      toldAt = now;
      this.#say(this.#reached);
    };
  };
}
