/** Asks before something that cannot be undone. */
import { once } from "node:events";
import { createInterface } from "node:readline/promises";

export interface ConfirmOptions {
  readonly isJson: boolean;
  readonly yes: boolean;
  readonly signal: AbortSignal;
}

/** Only on a terminal, and not with `--yes`. True without a terminal: the author of a script has already decided. */
export async function confirm(question: string, { isJson, yes, signal }: ConfirmOptions): Promise<boolean> {
  if (yes || isJson || !canAsk()) return true;
  return /^\s*y(es)?\s*$/i.test((await ask(`${question} [y/N] `, signal)) ?? "");
}

/** Whether a person is at the keyboard. */
export function canAsk(): boolean {
  return process.stdin.isTTY && screen() !== undefined;
}

/** What was typed; undefined after Ctrl-C or Ctrl-D, or without a terminal. */
export async function ask(question: string, signal: AbortSignal): Promise<string | undefined> {
  const output = screen();
  if (!process.stdin.isTTY || !output) return undefined;
  const lines = createInterface({ input: process.stdin, output });
  // While a line is read, Ctrl-C is a character, not a signal.
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const answered = lines.question(question, { signal });
  const closed = once(lines, "close").then(() => undefined); // Ctrl-D
  try {
    return await Promise.race([answered, closed]);
  } catch {
    return undefined; // Ctrl-C
  } finally {
    lines.close();
    answered.catch(() => {});
  }
}

/** Output may go to a file or through `tee` while a person is at the keyboard. */
function screen(): NodeJS.WriteStream | undefined {
  return [process.stdout, process.stderr].find(({ isTTY }) => isTTY);
}
