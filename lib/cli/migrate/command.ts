/** `holdfast migrate` and its steps, as the command line has them. */
import type { Command } from "commander";
import { runBackfill, type BackfillCommandOptions } from "./backfill.js";
import { addPlaces, wholeNumber, type PlaceOptions } from "./places.js";
import { runRollback } from "./rollback.js";
import { runStep } from "./run-step.js";
import { runStatus } from "./status.js";
import { finish, set, start, type TurnOptions } from "./turning.js";
import { runVerify, type VerifyCommandOptions } from "./verify.js";

type Options<O> = PlaceOptions & O;

export function addMigrate(program: Command): void {
  const migrate = program
    .command("migrate")
    .description("Moves the sessions of a live site from a database to Redis, and back")
    .addHelpText(
      "after",
      `\nThe way: start, backfill, verify, set 10, set 50, set 100, verify, finish. \`status\` says what comes next.`,
    );

  const step = (name: string, description: string) => addPlaces(migrate.command(name).description(description));
  const dryRun = ["--dry-run", "says what it would do, and changes nothing"] as const;
  const force = ["--force", "goes on although changes may be lost"] as const;

  step("status", "where the move stands, and what comes next").action((options: PlaceOptions, command: Command) =>
    runStep(command, options, runStatus),
  );
  step("start", "begins to write both stores; all sessions stay at home in the database")
    .option(...dryRun)
    .option(...force)
    .action((options: Options<TurnOptions>, command: Command) => runStep(command, options, start));
  step("backfill", "copies the sessions that are in the database already")
    .option("--rate <rows>", "rows a second at most", (text) => wholeNumber(text, "--rate", 1, Infinity))
    .option("--from-start", "begins anew, although an earlier run was interrupted")
    .option(...dryRun)
    .action((options: Options<BackfillCommandOptions>, command: Command) => runStep(command, options, runBackfill));
  step("verify", "compares all sessions of both stores; exit code 1 when there is a difference")
    .option("--repair", "brings the copy of a session that differs to what its home has")
    .option(...dryRun)
    .action((options: Options<VerifyCommandOptions>, command: Command) => runStep(command, options, runVerify));
  step("set", "turns the dial: of 100 sessions, so many have their home in Redis")
    .argument("<dial>", "0 to 100", (text) => wholeNumber(text, "The dial", 0, 100))
    .option(...dryRun)
    .option(...force)
    .action((target: number, options: Options<TurnOptions>, command: Command) =>
      runStep(command, { ...options, target }, set),
    );
  step("finish", "leaves the database: Redis alone is asked and written")
    .option(...dryRun)
    .option(...force)
    .action((options: Options<TurnOptions>, command: Command) => runStep(command, options, finish));
  step("rollback", "brings everybody back to the database, from wherever the move stands")
    .option(...dryRun)
    .option(...force)
    .action((options: Options<TurnOptions>, command: Command) => runStep(command, options, runRollback));
}
