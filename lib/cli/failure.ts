/** A failure as one sentence with its remedy, and as an exit code: never a stack, never a password. Pure. */
import { CommanderError } from "commander";
import { codes, HoldfastError } from "../errors/index.js";
import { redactText } from "./redact.js";

export const exitCodes = { fine: 0, refused: 1, usage: 2 } as const;

/** Wrong usage that commander cannot know of. */
export class UsageError extends Error {}

export interface Failure {
  /** Stable, for scripts; docs/errors.md has a section for each but these: `USAGE`, `UNEXPECTED`. */
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
}

/** Of a command line, not of the world. */
const wrongUsage: string[] = [codes.OPTION_INVALID, codes.REDIS_URL_INVALID, codes.SOURCE_INVALID];

export function describeFailure(error: unknown): Failure {
  if (error instanceof HoldfastError) {
    const exitCode = wrongUsage.includes(error.code) ? exitCodes.usage : exitCodes.refused;
    return { code: error.code, message: redactText(forOperators(error)), exitCode };
  }
  if (error instanceof UsageError || error instanceof CommanderError) {
    const message = oneLine(error.message.replace(/^error: /, "")).replace(
      / \(Did you mean (.+)\?\)$/,
      "; did you mean $1?",
    );
    return { code: "USAGE", message: redactText(`${sentence(message)} See --help.`), exitCode: exitCodes.usage };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: "UNEXPECTED",
    message: redactText(`${sentence(oneLine(message))} This was not foreseen; --verbose shows where it came from.`),
    exitCode: exitCodes.refused,
  };
}

/** The errors underneath, for `--verbose`. */
export function causesOf(error: unknown): string[] {
  const lines: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) lines.push(redactText(at.stack ?? at.message));
  return lines;
}

/** The library speaks to programs, which have an error's `cause` at hand. */
function forOperators({ code, message }: HoldfastError): string {
  const said = message
    .replace(" Its text is in `cause`.", " --verbose shows its text.")
    .replace("see `cause`", "--verbose shows it")
    .replace("in the option `url`", "in --redis");
  return code === codes.SOURCE_TABLE ? `${said} (--table, --schema, --columns)` : said;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").trim();
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?!)]$/.test(begun) ? begun : `${begun}.`;
}
