// The command line of a script: `--help`, and a wrong call ends with its reason, the usage and exit code 2, as with `holdfast`.
import { existsSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";

/** @param name as it is typed: `npm run loadtest --`, since npm keeps options before `--` to itself */
export function commandLine(name, description) {
  return new Command(name)
    .description(description)
    .showHelpAfterError()
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
}

export function numberOption(flags, text, { from = 1, usual } = {}) {
  return new Option(flags, text).default(usual).argParser((value) => {
    if (/^\d+$/.test(value) && Number(value) >= from) return Number(value);
    throw new InvalidArgumentError(`It must be a whole number, ${from} or more.`);
  });
}

/** One or more of `names`, with commas between them; a name may contain a comma and a space. */
export function listOption(flags, text, names, usual) {
  return new Option(flags, text).default(usual, usual?.join()).argParser((value) => {
    const chosen = value.split(/,(?! )/);
    const unknown = chosen.find((name) => !names.includes(name));
    if (unknown === undefined) return chosen;
    throw new InvalidArgumentError(`There is no "${unknown}". There are: ${names.join(", ")}.`);
  });
}

/** For `argParser()`. */
export function existingFile(path) {
  if (existsSync(path)) return path;
  throw new InvalidArgumentError("There is no such file.");
}
