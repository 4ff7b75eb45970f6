/** Shows how far a long work is: a bar on a terminal, in a pipe a line now and then. */
import { SingleBar } from "cli-progress";
import { Pace } from "./pace.js";
import { barLine, progressLine, type Done } from "./progress-line.js";

/** Milliseconds between two lines in a pipe. */
const lineEvery = 5000;

export interface Progress {
  update(done: Done): void;
  /** Before anything else is printed. May be called twice. */
  end(): void;
}

export interface ProgressStreams {
  /** Where a bar may be drawn, if that is a terminal. */
  readonly terminal: NodeJS.WriteStream;
  /** Takes a line where there is no terminal. */
  readonly say: (line: string) => void;
}

export function showProgress({ terminal, say }: ProgressStreams, readBefore: number): Progress {
  const pace = new Pace();
  pace.note(readBefore, performance.now());
  return terminal.isTTY ? drawBar(terminal, pace) : sayLines(say, pace);
}

function drawBar(stream: NodeJS.WriteStream, pace: Pace): Progress {
  let done: Done | undefined;
  const drawn = new SingleBar({
    stream,
    format: () => (done ? barLine(done, pace) : ""),
    clearOnComplete: true,
    gracefulExit: false, // Ctrl-C is ours
    fps: 10,
  });
  return {
    update(now) {
      pace.note(now.read, performance.now());
      if (!done) drawn.start(1, 0);
      done = now;
      drawn.update(0);
    },
    end: () => drawn.stop(),
  };
}

function sayLines(say: (line: string) => void, pace: Pace): Progress {
  let saidAt = -Infinity;
  return {
    update(done) {
      const now = performance.now();
      pace.note(done.read, now);
      if (now - saidAt < lineEvery) return;
      saidAt = now;
      say(progressLine(done, pace));
    },
    end: () => {},
  };
}
