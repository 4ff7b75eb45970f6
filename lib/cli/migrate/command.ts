/** `holdfast migrate` and its steps on the command line. */
import { Option, type Command } from "commander";
import { wholeNumber } from "../whole-number.js";
import { runBackfill, type BackfillCommandOptions } from "./backfill.js";
import { addPlaces, type PlaceOptions } from "./places.js";
import { runRollback, type RollbackCommandOptions } from "./rollback.js";
import { runStep } from "./run-step.js";
import { runStatus } from "./status.js";
import { finish, set, start, type StartOptions, type TurnOptions } from "./steps.js";
import { runVerify, type VerifyCommandOptions } from "./verify.js";

type Options<O> = PlaceOptions & O;

export function addMigrate(program: Command): void {
  const migrate = program
    .command("migrate")
    .description("Move the sessions of a live site from a database to Redis, and back")
    .addHelpText(
      "after",
      "\nRun the steps in this order: start, backfill, verify, set 10, set 50, set 100, verify, finish.\n" +
        "`status` tells what comes next.",
    );

  const step = (name: string, description: string) => addPlaces(migrate.command(name).description(description));
  const dryRun = ["--dry-run", "say what would be done, and change nothing"] as const;
  const acceptTimes = ["--accept-times", "continue even if the times in the table look wrong"] as const;
  const endMany = ["--end-many", "continue even if many sessions would end, or the table is empty"] as const;
  const leaveBehind = ["--leave-behind", "leave behind sessions that a store rejects"] as const;
  const acceptLoss = ["--accept-loss", "continue even if changes may be lost: in doubt, or not compared"] as const;

  step("status", "show the state of the move, and what comes next").action((options: PlaceOptions, command: Command) =>
    runStep(command, options, runStatus),
  );
  step("start", "start writing to both stores; the database stays the home of all sessions")
    .option(...dryRun)
    .addOption(
      new Option(
        "--processes <number>",
        "the number of processes of the app; refused if another number follows the move",
      )
        .argParser((text) => wholeNumber(text, "--processes", 1, Infinity))
        .conflicts("withoutApp"),
    )
    .option("--without-app", "start even if no process of the app follows the move")
    .action((options: Options<StartOptions>, command: Command) => runStep(command, options, start));
  step("backfill", "copy the existing sessions from the database")
    .option("--rate <rows>", "maximum rows per second", (text) => wholeNumber(text, "--rate", 1, Infinity))
    .option("--from-start", "start from the first row, even if an earlier run was interrupted")
    .option(...acceptTimes)
    .option(...dryRun)
    .action((options: Options<BackfillCommandOptions>, command: Command) => runStep(command, options, runBackfill));
  step("verify", "compare all sessions of both stores; exit code 1 if there is a difference")
    .option("--repair", "update each copy that differs from its home")
    .option(...acceptTimes)
    .option("--end-many", `with --repair: ${endMany[1]}`)
    .option(...leaveBehind)
    .option(...dryRun)
    .action((options: Options<VerifyCommandOptions>, command: Command) => runStep(command, options, runVerify));
  step("set", "turn the dial: the percentage of sessions whose home is Redis")
    .argument("<dial>", "0 to 100", (text) => wholeNumber(text, "The dial", 0, 100))
    .option(...dryRun)
    .option(...leaveBehind)
    .option(...acceptLoss)
    .action((target: number, options: Options<TurnOptions>, command: Command) =>
      runStep(command, { ...options, target }, set),
    );
  step("finish", "stop using the database: from then on, only Redis is used")
    .option(...dryRun)
    .option(...leaveBehind)
    .option(...acceptLoss)
    .action((options: Options<TurnOptions>, command: Command) => runStep(command, options, finish));
  step("rollback", "move all sessions back to the database, at any point of the move")
    .option(...dryRun)
    .option(...acceptTimes)
    .option(...endMany)
    .option(...leaveBehind)
    .option(...acceptLoss)
    .action((options: Options<RollbackCommandOptions>, command: Command) => runStep(command, options, runRollback));
}
