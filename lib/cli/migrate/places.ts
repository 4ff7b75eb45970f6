/** The options that every step shares: where both stores are, and how the answer looks. */
import { Option, type Command } from "commander";
import type { Given } from "../command-line.js";
import { UsageError } from "../failure.js";

export interface PlaceOptions {
  redis?: string;
  prefix?: string;
  key?: string;
  from?: string;
  table?: string;
  schema?: string;
  columns?: string;
  json?: boolean;
  verbose?: boolean;
}

export function addPlaces(command: Command): Command {
  return command
    .option("--redis <url>", "where Redis is (default: REDIS_URL, else REDIS_HOST and so on, else this machine)")
    .option("--prefix <text>", 'what the keys of sessions begin with (default: "sess:")')
    .option("--key <key>", 'where the state of the move lies (default: "{holdfast:move}")')
    .addOption(
      new Option("--from <url>", "the database to move from: postgres://…, mysql://… or sqlite:path").env(
        "HOLDFAST_FROM",
      ),
    )
    .option("--table <name>", "its table (default: that of the usual store)")
    .option("--schema <name>", "the table's schema, or in MySQL its database")
    .option("--columns <names>", "columns with other names, as sid=id,session=data,expires=until")
    .option("--json", "one JSON object on stdout, and nothing else")
    .option("--verbose", "with an error, also those underneath; they can quote a session id");
}

/** What stood on the command line, so that the next one can say the same. */
export function givenTo(command: Command): Given {
  const typed: Record<string, string> = {};
  for (const [name, value] of Object.entries(command.opts()))
    if (typeof value === "string" && command.getOptionValueSource(name) === "cli") typed[name] = value;
  return { typed, hasSource: Boolean(command.getOptionValue("from")) };
}

const columnNames = ["sid", "session", "expires"] as const;
type Columns = Partial<Record<(typeof columnNames)[number], string>>;

/** `sid=id,expires=until` @throws UsageError */
export function parseColumns(text: string): Columns {
  const columns: Columns = {};
  for (const part of text.split(",")) {
    const [name, column] = [part.slice(0, part.indexOf("=")).trim(), part.slice(part.indexOf("=") + 1).trim()];
    const known = columnNames.find((one) => one === name);
    if (!known || !column)
      throw new UsageError(
        `--columns is "${text}", but must be as sid=id,session=data,expires=until; each may be left out.`,
      );
    columns[known] = column;
  }
  return columns;
}

/** A whole number from an option or argument. @throws UsageError */
export function wholeNumber(text: string, name: string, from: number, to: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= from && value <= to) return value;
  const range = to === Infinity ? `${from} or more` : `from ${from} to ${to}`;
  throw new UsageError(`${name} is "${text}", but must be a whole number, ${range}.`);
}
