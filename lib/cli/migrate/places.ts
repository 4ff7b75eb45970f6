/** The options that all steps share: where both stores are, and the form of the output. */
import { Option, type Command } from "commander";
import type { Given } from "../command-line.js";
import { UsageError } from "../failure.js";
import type { RedisPlaces } from "./redis-options.js";

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
  return command
    .option("--redis <url>", "the URL of Redis (default: REDIS_URL, or REDIS_HOST and so on, or this machine)")
    .addOption(new Option("--sentinel <places>", "or the Sentinels: mymaster@host:26379,…").env("REDIS_SENTINEL"))
    .addOption(new Option("--cluster <places>", "or a Redis Cluster: host:6379,…").env("REDIS_CLUSTER"))
    .option("--tls", "use TLS with --sentinel or --cluster; for one server, use rediss:// in --redis")
    .addOption(new Option("--tls-ca <file>", "the certificate authority of Redis, in PEM").env("REDIS_TLS_CA"))
    .addOption(new Option("--tls-cert <file>", "the client certificate, in PEM").env("REDIS_TLS_CERT"))
    .addOption(new Option("--tls-key <file>", "the key of the client certificate, in PEM").env("REDIS_TLS_KEY"))
    .addOption(
      new Option("--tls-servername <name>", "the name in the certificate of Redis").env("REDIS_TLS_SERVERNAME"),
    )
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

/** Parses a whole number from an option or argument. @throws UsageError */
export function wholeNumber(text: string, name: string, from: number, to: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= from && value <= to) return value;
  const range = to === Infinity ? `${from} or more` : `from ${from} to ${to}`;
  throw new UsageError(`${name} is "${text}", but must be a whole number, ${range}.`);
}
