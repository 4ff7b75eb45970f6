/** `holdfast sessions` and its subcommands on the command line. */
import { Option, type Command } from "commander";
import { UsageError } from "../failure.js";
import { addRedisOptions } from "../redis/add-redis-options.js";
import { duration, id, path, size } from "./amounts.js";
import { runSubcommand as run, type SessionsContext, type SessionsOptions } from "./context.js";
import { checkClear, clear, end, endUser, type ClearOptions } from "./end.js";
import { checkExport, exportTo, type ExportOptions } from "./files.js";
import { importFrom, type ImportOptions } from "./import.js";
import { count, list, logins, show } from "./list.js";

interface ListOptions extends SessionsOptions {
  user?: string;
  idle?: number;
  largerThan?: number;
}

export function addSessions(program: Command): void {
  const sessions = program
    .command("sessions")
    .description("Count, list, show, end, export and import the sessions in Redis");
  const subcommand = (name: string, description: string) => {
    const command = addRedisOptions(sessions.command(name).description(description));
    return command
      .option("--prefix <text>", 'the prefix of session keys: the `prefix` of your store (default: "sess:")')
      .option("--serializer <module>", "a module that exports your RedisSessionStore's serializer")
      .option("--json", "print JSON, one object a line")
      .option("--verbose", "print the causes of an error; they may quote a session id");
  };
  const userKey = () =>
    new Option("--user-key <path>", "where your app keeps the user's id in a session, such as account.id").argParser(
      (text) => path(text, "--user-key"),
    );
  const ttl = () =>
    new Option(
      "--ttl <duration>",
      "the `ttl` of your store, to tell when sessions without a maxAge were last in use",
    ).argParser((text) => duration(text, "--ttl"));
  const ofUser = (description: string) =>
    new Option("--user <id>", description).argParser((text) => id(text, "--user"));
  const authPrefix = ["--auth-prefix <text>", "the `prefix` of localAuth() (default: none)"] as const;
  const moveKey = ["--key <key>", 'the key of the state of a move (default: "{holdfast:move}")'] as const;

  subcommand("count", "print the number of sessions").action((options: SessionsOptions, command: Command) =>
    run(command, options, count),
  );
  subcommand("list", "list all sessions, or some of them")
    .addOption(ofUser("only those of this user"))
    .option("--idle <duration>", "only those not in use for so long: 30m, 2h, 7d", (text) => duration(text, "--idle"))
    .option("--larger-than <size>", "only those with more bytes: 2048, 100kb, 1mb", (text) =>
      size(text, "--larger-than"),
    )
    .addOption(userKey())
    .addOption(ttl())
    .option(...authPrefix)
    .action(({ user, idle, largerThan, ...options }: ListOptions, command: Command) =>
      run(command, options, (context) => list(context, { user, idle, largerThan })),
    );
  subcommand("show", "show one session; what looks secret is shown as ***")
    .argument("<hash>", "the short hash of the session, as `list` and the app's messages name it")
    .addOption(userKey())
    .addOption(ttl())
    .action((hash: string, options: SessionsOptions, command: Command) =>
      run(command, options, (context) => show(context, hash)),
    );
  subcommand("logins", "show a user's logins, as holdfast/auth lists them, at once")
    .argument("<user>", "the user's id", (text) => id(text, "<user>"))
    .option(...authPrefix)
    .action((user: string, options: SessionsOptions, command: Command) =>
      run(command, options, (context) => logins(context, user)),
    );
  subcommand("end", "end one session, or with --user all sessions and logins of a user")
    .argument("[hash]", "the short hash of the session")
    .addOption(ofUser("all sessions and logins of this user"))
    .addOption(userKey())
    .option(...authPrefix)
    .option(...moveKey)
    .action((hash: string | undefined, { user, ...options }: ListOptions, command: Command) => {
      const check = () => {
        if ((hash === undefined) === (user === undefined))
          throw new UsageError("Name one session by its hash, or a user with --user.");
      };
      const work = (context: SessionsContext) => (user === undefined ? end(context, hash!) : endUser(context, user));
      return run(command, options, work, check);
    });
  subcommand("export", "write all sessions to a file, with their ids: keep it secret")
    .argument("<file>", "a new file, readable only by you; - for stdout")
    .option("--to-terminal", "with -, even if stdout is a terminal")
    .action((file: string, { toTerminal = false, ...options }: SessionsOptions & ExportOptions, command: Command) => {
      const check = () => checkExport(file, { toTerminal });
      return run(command, options, (context) => exportTo(context, file), check);
    });
  subcommand("import", "write exported sessions to Redis; overwrites nothing")
    .argument("<file>", "the file; - for stdin")
    .option("--hash-ids", "store them under hashes of their ids, as an app with the option `hashIds` does")
    .option("--no-hash-ids", "store them under their ids, although sessions there have hashes")
    .option(...moveKey)
    .option("--incomplete", "import what there is of an export that was cut off")
    .action((file: string, options: SessionsOptions & ImportOptions, command: Command) =>
      run(command, options, (context) => importFrom(context, file, options)),
    );
  subcommand("clear", "end all sessions, once you have typed their number")
    .option("--yes", "do not ask; requires --prefix")
    .option("--unreadable", "also remove strings and hashes that cannot be read as sessions")
    .option(...moveKey)
    .action(({ yes = false, unreadable = false, ...options }: SessionsOptions & ClearOptions, command: Command) => {
      const how = { yes, unreadable, isPrefixTyped: command.getOptionValueSource("prefix") === "cli" };
      const check = () => checkClear(how, options.prefix);
      return run(command, options, (context) => clear(context, how), check);
    });
}
