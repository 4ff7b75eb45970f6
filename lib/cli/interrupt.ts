/** Ctrl-C: the first one asks the step to stop, the second one ends the program at once, as usual. */

export interface Interrupt {
  readonly signal: AbortSignal;
  /** The usual exit code: 130 for SIGINT, 143 for SIGTERM; undefined if there was no signal. */
  readonly exitCode: number | undefined;
  /** Restores Node.js's own signal handling. */
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
