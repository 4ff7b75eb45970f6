/**
 * Ctrl-C, and a terminal that is closed or lost: the first one asks the step to stop, the second one ends the program at
 * once, as usual.
 */

export interface Interrupt {
  readonly signal: AbortSignal;
  /** The usual exit code: 130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP; undefined if there was no signal. */
  readonly exitCode: number | undefined;
  /** Restores Node.js's own signal handling. */
  end(): void;
}

const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
const names = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

export function listenForInterrupt(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const heard = (name: keyof typeof numbers) => {
    exitCode = 128 + numbers[name];
    end(); // the next one ends the program
    onFirst();
    controller.abort();
  };
  for (const name of names) process.on(name, heard);
  const end = () => names.forEach((name) => process.off(name, heard));
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    end,
  };
}
