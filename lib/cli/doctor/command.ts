/** `holdfast doctor` on the command line. */
import { Option, type Command } from "commander";
import { features } from "../../ops/doctor/rights.js";
import { addRedisOptions } from "../redis/add-redis-options.js";
import { runDoctor, type DoctorCommandOptions } from "./run-doctor.js";

export function addDoctor(program: Command): void {
  addRedisOptions(
    program
      .command("doctor")
      .description("Examine Redis, and say what could cost sessions; exit code 1 if something is bad"),
  )
    .option("--prefix <text>", "the prefix of session keys", "sess:")
    .option("--auth-prefix <text>", "the prefix of localAuth() and RedisAccounts", "")
    .option("--key <key>", 'the key of the state of a migration (default: "{holdfast:move}")')
    .option("--acl-user <name>", "the app's Redis user, if you log in as another one")
    .addOption(
      new Option(
        "--uses <features>",
        `what the app uses, besides what its keys show: ${features.filter((name) => name !== "sessions").join(", ")}`,
      ),
    )
    .option("--json", "print one JSON object to stdout, and nothing else")
    .option("--verbose", "print the causes of an error")
    .action((options: DoctorCommandOptions, command: Command) => runDoctor(command, options));
}
