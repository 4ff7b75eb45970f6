/** Output: lines for people or, with `--json`, one object for a program. */

export interface Output {
  readonly isJson: boolean;
  /** A line for people; dropped with `--json`. */
  say(line: string): void;
  /** A line for people, on stderr; also with `--json`. */
  warn(line: string): void;
  /** The one object, at the end. */
  result(object: object): void;
  /** Where a bar may be drawn. */
  readonly terminal: NodeJS.WriteStream;
}

export function openOutput(isJson: boolean): Output {
  const { stdout, stderr } = process;
  const write = (stream: NodeJS.WriteStream, text: string) => void stream.write(`${text}\n`);
  return {
    isJson,
    say: (line) => (isJson ? undefined : write(stdout, line)),
    warn: (line) => write(stderr, line),
    result: (object) => (isJson ? write(stdout, JSON.stringify(object, undefined, 2)) : undefined),
    terminal: isJson ? stderr : stdout,
  };
}
