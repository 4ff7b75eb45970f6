/** `holdfast plan` on the command line. */
import { Option, type Command } from "commander";
import { describeFailure, exitCodes, UsageError } from "../failure.js";
import { openOutput } from "../output.js";
import { size } from "../sessions/amounts.js";
import { wholeNumber } from "../whole-number.js";
import { measured } from "./measured.js";
import { planPage } from "./page.js";
import { planOf, type Site } from "./plan.js";

type PlanOptions = Site & { readonly json?: boolean };

const most = 1e12;

export function addPlan(program: Command): void {
  const command = program
    .command("plan")
    .description("Say what sessions in Redis need and cost, from measured figures; needs no Redis")
    .addOption(whole("--sessions <n>", "sessions that are alive at once", 100_000))
    .addOption(whole("--page-views <n>", "page views a second at the peak", 6000))
    .addOption(percent("--writes <percent>", "the share of page views that write to the session", 100))
    .addOption(bytes("--session-bytes <size>", "the JSON of a session, such as 2500 or 2.5kb", 2500, "2.5kb"))
    .addOption(new Option("--layout <name>", "how sessions are stored").choices(["json", "hash"]).default("json"))
    .addOption(percent("--near-cache <percent>", "the share of reads that the near cache answers; 0: there is none", 0))
    .addOption(whole("--replicas <n>", "replicas of each primary", 2, 0, 100))
    .addOption(percent("--headroom <percent>", "the share of each limit that stays free at the peak", 50, 99))
    .addOption(bytes("--server-memory <size>", "the memory of a Redis server", 256 * 1024 ** 2, "256mib"))
    .addOption(whole("--network <n>", "Mbit/s that a Redis server's network carries, in and out", 1000))
    .addOption(price("--server-price <amount>", "a Redis server, a month", 50))
    .addOption(whole("--database-servers <n>", "the database servers that are replaced", 10, 0))
    .addOption(price("--database-price <amount>", "a database server, a month", 200))
    .addOption(price("--core-price <amount>", "a processor core of the app, a month; 0: not counted", 0))
    .option("--json", "print one JSON object to stdout, and nothing else");
  command.action(({ json, ...site }: PlanOptions) => runPlan(site, Boolean(json)));
}

function runPlan(site: Site, isJson: boolean): void {
  const output = openOutput(isJson);
  try {
    const plan = planOf(site, measured);
    for (const line of planPage(site, plan, measured)) output.say(line);
    output.result({ command: "plan", ok: true, machine: measured.machine, site, plan });
    process.exitCode = exitCodes.fine;
  } catch (error) {
    const { code, message, exitCode } = describeFailure(error);
    output.warn(message);
    output.result({ command: "plan", ok: false, error: { code, message } });
    process.exitCode = exitCode;
  }
}

function whole(flags: string, text: string, usual: number, from = 1, to = most): Option {
  return option(flags, text, usual, (value, name) => wholeNumber(withoutSeparators(value), name, from, to));
}

function percent(flags: string, text: string, usual: number, to = 100): Option {
  return option(flags, text, usual, (value, name) => decimal(value, name, to, `a number from 0 to ${to}`));
}

function price(flags: string, text: string, usual: number): Option {
  return option(flags, text, usual, (value, name) => decimal(value, name, most, "an amount of money, 0 or more"));
}

function bytes(flags: string, text: string, usual: number, shown: string): Option {
  const parse = (value: string, name: string) => {
    const parsed = size(value, name);
    if (parsed >= 1 && parsed <= 1e15) return parsed;
    throw new UsageError(`${name} is "${value}", but must be from one byte to a million gigabytes.`);
  };
  return option(flags, text, usual, parse).default(usual, shown);
}

function option(flags: string, text: string, usual: number, parse: (value: string, name: string) => number): Option {
  const name = flags.split(" ")[0]!;
  return new Option(flags, text).default(usual).argParser((value) => parse(value, name));
}

/** `1,000,000` and `1_000_000` are large numbers as people and programs write them. */
function withoutSeparators(text: string): string {
  return /^\d{1,3}(?:[,_]\d{3})+$/.test(text) ? text.replaceAll(/[,_]/g, "") : text;
}

/** @throws UsageError */
function decimal(text: string, name: string, to: number, what: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value <= to) return value;
  throw new UsageError(`${name} is "${text}", but must be ${what}.`);
}
