/** The first and the last line of an export. Between them, each session is one line. Pure. */
import { setupInvalid } from "../../errors/index.js";

const format = "holdfast-sessions";
const version = 1;

/** `hasEnd`: the last line has the number of sessions. Earlier versions wrote none. */
export function firstLine(prefix: string): object {
  return { format, version, prefix, at: new Date().toISOString(), hasEnd: true };
}

/** Without it, a file that was cut off would look like a whole one. */
export function lastLine(sessions: number): object {
  return { format, sessions };
}

/** @throws HoldfastError `HOLDFAST_OPTION_INVALID` */
export function checkFirstLine(line: string | undefined): { hasEnd: boolean } {
  const { format: given, version: number, hasEnd }: Record<string, unknown> = Object(parsedLine(line));
  if (given !== format) throw setupInvalid("This is not an export of `holdfast sessions export`.");
  if (number !== version)
    throw setupInvalid(`This export has version ${String(number)}; this command reads version ${version}.`);
  return { hasEnd: hasEnd === true };
}

/** The number of sessions, if this is the last line. */
export function sessionsIn(value: unknown): number | undefined {
  const { format: given, sessions }: Record<string, unknown> = Object(value);
  return given === format && typeof sessions === "number" ? sessions : undefined;
}

/** `undefined` if it is no JSON. No message may quote the line. */
export function parsedLine(line = ""): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
