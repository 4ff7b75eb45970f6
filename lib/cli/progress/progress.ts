/** Shows the progress of a long task: a bar on a terminal, or a line now and then in a pipe. */
import { SingleBar } from "cli-progress";
import { Pace } from "./pace.js";
import { barLine, progressLine, type Done } from "./progress-line.js";

/** Milliseconds between two lines in a pipe. */
const lineEvery = 5000;

export interface Progress {
  update(done: Done): void;
  /** Must be called before anything else is printed. May be called twice. */
  end(): void;
}

export interface ProgressStreams {
  /** Where a bar is drawn, if it is a terminal. */
  readonly terminal: NodeJS.WriteStream;
  /** Prints a line if there is no terminal. */
  readonly say: (line: string) => void;
}

export function showProgress({ terminal, say }: ProgressStreams, readBefore: number): Progress {
  const paces = new Paces(readBefore);
  return terminal.isTTY ? drawBar(terminal, paces) : sayLines(say, paces);
}

/** Each half of a task has its own pace, and so has a task that starts again. */
class Paces {
  now = new Pace();
  #last: Done | undefined;

  constructor(readBefore: number) {
    this.now.note(readBefore, performance.now());
  }

  note(done: Done): void {
    const isOtherHalf = Boolean(this.#last?.keys) !== Boolean(done.keys) || done.read < (this.#last?.read ?? 0);
    if (isOtherHalf) this.now = new Pace();
    this.#last = done;
    this.now.note(done.keys || done.read, performance.now());
  }
}

function drawBar(stream: NodeJS.WriteStream, paces: Paces): Progress {
  let done: Done | undefined;
  let isDrawn = false;
  const drawn = new SingleBar({
    stream,
    format: () => (done ? barLine(done, paces.now, stream.columns) : ""),
    clearOnComplete: true,
    gracefulExit: false, // Ctrl-C is handled in interrupt.ts
    fps: 10,
  });
  return {
    update(now) {
      paces.note(now);
      done = now;
      if (!isDrawn) drawn.start(1, 0);
      isDrawn = true;
      drawn.update(0);
    },
    end() {
      if (isDrawn) drawn.stop();
      isDrawn = false;
    },
  };
}

function sayLines(say: (line: string) => void, paces: Paces): Progress {
  let saidAt = -Infinity;
  return {
    update(done) {
      const now = performance.now();
      paces.note(done);
      if (now - saidAt < lineEvery) return;
      saidAt = now;
      say(progressLine(done, paces.now));
    },
    end: () => {},
  };
}
