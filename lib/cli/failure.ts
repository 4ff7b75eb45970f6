/** An error as one message with its remedy, and as an exit code; never with a stack or a password. Pure. */
import { CommanderError } from "commander";
import { codes, HoldfastError } from "../errors/index.js";
import { refusedRight } from "../ops/refused-right.js";
import { redactText } from "./redact.js";
import { troubleSentences } from "./redis/trouble-sentences.js";

export const exitCodes = { fine: 0, refused: 1, usage: 2 } as const;

/** A usage error that commander cannot detect. */
export class UsageError extends Error {}

/** A refusal with a code that only the command has. */
export class RefusedError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Failure {
  /** Stable, for scripts; docs/errors.md has a section for each, except `USAGE` and `UNEXPECTED`. */
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
}

/** Codes that mean a mistake on the command line. */
const wrongUsage: string[] = [codes.OPTION_INVALID, codes.REDIS_URL_INVALID, codes.SOURCE_INVALID];

export function describeFailure(error: unknown): Failure {
  if (HoldfastError.is(error)) {
    const exitCode = wrongUsage.includes(error.code) ? exitCodes.usage : exitCodes.refused;
    return { code: error.code, message: redactText(forOperators(error)), exitCode };
  }
  if (error instanceof UsageError || error instanceof CommanderError) {
    const message = suggestion(oneLine(error.message.replace(/^error: /, "")));
    return { code: "USAGE", message: redactText(`${sentence(message)} See --help.`), exitCode: exitCodes.usage };
  }
  if (error instanceof RefusedError)
    return { code: error.code, message: redactText(error.message), exitCode: exitCodes.refused };
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: "UNEXPECTED",
    message: redactText(
      `${sentence(oneLine(message))} This error was not expected; --verbose shows where it came from.`,
    ),
    exitCode: exitCodes.refused,
  };
}

/** Options that people type by mistake; by spelling alone, another option would be suggested. */
const mistakenOptions: Record<string, string> = {
  "--fix": "--repair",
  "--url": "--from",
  "--database": "--from",
  "--db": "--from",
  "--host": "--redis",
  "--workers": "--processes",
  "--restart": "--from-start",
};

function suggestion(message: string): string {
  const plain = message.replace(/ \(Did you mean (.+)\?\)$/, "; did you mean $1?");
  const option = /^unknown option '(--[\w-]+)/i.exec(plain)?.[1];
  if (option === "--force") return "There is no --force: a refusal that can be overridden names the option to use.";
  const name = option && Object.hasOwn(mistakenOptions, option) ? mistakenOptions[option] : undefined;
  return name ? `Unknown option '${option}'; did you mean ${name}?` : plain;
}

/** The error and its causes, for `--verbose`. */
export function causesOf(error: unknown): string[] {
  const lines: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) lines.push(redactText(at.stack ?? at.message));
  return lines;
}

/** Rewords a message of the library, which addresses programmers, for users of the command. */
function forOperators(error: HoldfastError): string {
  const { code, message, reason } = error;
  const reworded = message
    .replace(" Its text is in `cause`.", " --verbose shows its text.")
    .replace("see `cause`", "--verbose shows it")
    .replace("in the option `url`", "in --redis")
    .replace("The option `tls` goes with", "--tls-ca, --tls-cert, --tls-key and --tls-servername go with");
  const trouble = troubleSentences(error);
  if (trouble !== undefined) return trouble;
  if (reason === "no-permission")
    return `This Redis user lacks rights that this command needs: ${refusedRight(error)}.`;
  if (reason === "tls") return `${reworded} (--tls-ca, --tls-cert, --tls-key, --tls-servername; --verbose shows why)`;
  return code === codes.SOURCE_TABLE || code === codes.MOVE_UNPROVEN
    ? `${reworded} (--table, --schema, --columns)`
    : reworded;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").trim();
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?!)]$/.test(begun) ? begun : `${begun}.`;
}
