/** The options that all steps share: where both stores are, and the form of the output. */
import { Option, type Command } from "commander";
import type { Given } from "../command-line.js";
import { UsageError } from "../failure.js";
import { addRedisOptions } from "../redis/add-redis-options.js";
import type { RedisPlaces } from "../redis/redis-options.js";

export interface PlaceOptions extends RedisPlaces {
  prefix?: string;
  key?: string;
  from?: string;
  table?: string;
  schema?: string;
  columns?: string;
  source?: string;
  serializer?: string;
  json?: boolean;
  verbose?: boolean;
  yes?: boolean;
}

export function addPlaces(command: Command): Command {
  return addRedisOptions(command)
    .option("--prefix <text>", "the prefix of session keys (default: the app's)")
    .option("--key <key>", 'the key of the state of the move (default: "{holdfast:move}")')
    .addOption(
      new Option("--from <url>", "the database to move from: postgres://…, mysql://… or sqlite:path").env(
        "HOLDFAST_FROM",
      ),
    )
    .option("--table <name>", "its table (default: the table of the usual store)")
    .option("--schema <name>", "the schema of the table; in MySQL, its database")
    .option("--columns <names>", "names of the columns, such as sid=id,session=data,expires=until")
    .addOption(
      new Option("--source <module>", "instead of --from: a module that exports a source of your own").conflicts([
        "table",
        "schema",
        "columns",
      ]),
    )
    .option("--serializer <module>", "a module that exports your RedisSessionStore's serializer")
    .option("--yes", "do not ask for confirmation")
    .option("--json", "print one JSON object to stdout, and nothing else")
    .option("--verbose", "print the causes of an error; they may quote a session id");
}

/** The options from the command line, for the commands that are suggested next. */
export function givenTo(command: Command): Given {
  const typed: Record<string, string> = {};
  for (const [name, value] of Object.entries(command.opts())) {
    if (command.getOptionValueSource(name) !== "cli") continue;
    if (typeof value === "string") typed[name] = value;
    else if (name === "tls" || name === "acceptTimes") typed[name] = "";
  }
  return { typed, hasSource: Boolean(command.getOptionValue("from") ?? command.getOptionValue("source")) };
}

const columnNames = ["sid", "session", "expires"] as const;
type Columns = Partial<Record<(typeof columnNames)[number], string>>;

/** Parses `sid=id,expires=until`. @throws UsageError */
export function parseColumns(text: string): Columns {
  const columns: Columns = {};
  for (const part of text.split(",")) {
    const [name, column] = [part.slice(0, part.indexOf("=")).trim(), part.slice(part.indexOf("=") + 1).trim()];
    const known = columnNames.find((one) => one === name);
    if (!known || !column)
      throw new UsageError(
        `--columns is "${text}", but must look like sid=id,session=data,expires=until; each part is optional.`,
      );
    columns[known] = column;
  }
  return columns;
}
