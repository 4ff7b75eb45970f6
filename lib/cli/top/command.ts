/** `holdfast top` on the command line. */
import { Option, type Command } from "commander";
import { UsageError } from "../failure.js";
import { addRedisOptions } from "../redis/add-redis-options.js";
import { columns } from "./columns.js";
import { runTop, type TopOptions } from "./run-top.js";

const [shortest, longest] = [0.5, 3600];

export function addTop(program: Command): void {
  addRedisOptions(
    program.command("top").description("Show all processes that call pulse(), and the memory of Redis, live"),
  )
    .addOption(
      new Option("--interval <seconds>", "how often to read").default(2, "2").argParser((text) => {
        const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
        if (value >= shortest && value <= longest) return value;
        const range = `from ${shortest} to ${longest}`;
        throw new UsageError(`--interval is "${text}", but must be a number of seconds ${range}.`);
      }),
    )
    .addOption(
      new Option("--sort <column>", "the order of the processes; of numbers, the largest is first")
        .choices(Object.keys(columns))
        .default("requests"),
    )
    .option("--key <key>", 'the key of the pulses: the `key` of pulse() (default: "{holdfast:pulse}")')
    .option("--once", "print it once, and end")
    .option("--json", "print JSON, one object a line for each interval")
    .option("--verbose", "print the causes of an error")
    .action((options: TopOptions, command: Command) => runTop(command, options));
}
