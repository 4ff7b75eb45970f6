/** Ctrl-C: the first asks to stop, the second ends the program at once, as it does without us. */

export interface Interrupt {
  readonly signal: AbortSignal;
  /** What a shell makes of it: 130 for Ctrl-C, 143 for a polite kill; undefined if there was none. */
  readonly exitCode: number | undefined;
  /** Leaves the signals to Node.js again. */
  end(): void;
}

const numbers = { SIGINT: 2, SIGTERM: 15 } as const;

export function listenForInterrupt(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const heard = (name: keyof typeof numbers) => {
    exitCode = 128 + numbers[name];
    end(); // the next one ends the program
    onFirst();
    controller.abort();
  };
  const onInt = () => heard("SIGINT");
  const onTerm = () => heard("SIGTERM");
  process.on("SIGINT", onInt).on("SIGTERM", onTerm);
  const end = () => void process.off("SIGINT", onInt).off("SIGTERM", onTerm);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    end,
  };
}
