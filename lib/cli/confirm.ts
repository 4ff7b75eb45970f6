/** Asks for confirmation before something that cannot be undone: only on a terminal, and not with `--yes`. */
import { once } from "node:events";
import { createInterface } from "node:readline/promises";

export interface ConfirmOptions {
  readonly isJson: boolean;
  readonly yes: boolean;
  readonly signal: AbortSignal;
}

/** True if there is no terminal: the author of a script has already decided. */
export async function confirm(question: string, { isJson, yes, signal }: ConfirmOptions): Promise<boolean> {
  // Output may go to a file or through `tee` while a person is at the keyboard.
  const output = [process.stdout, process.stderr].find(({ isTTY }) => isTTY);
  if (yes || isJson || !process.stdin.isTTY || !output) return true;
  const lines = createInterface({ input: process.stdin, output });
  // While a line is read, Ctrl-C is a character, not a signal.
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const answered = lines.question(`${question} [y/N] `, { signal });
  const closed = once(lines, "close").then(() => ""); // Ctrl-D
  try {
    return /^\s*y(es)?\s*$/i.test(await Promise.race([answered, closed]));
  } catch {
    return false; // Ctrl-C
  } finally {
    lines.close();
    answered.catch(() => {});
  }
}
