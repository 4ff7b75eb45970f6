/** Runs `holdfast doctor`, from connecting to the exit code. */
import type { Command } from "commander";
import { HoldfastError, type FailureReason } from "../../errors/index.js";
import { doctor, type DoctorOptions, type Feature, type Finding } from "../../ops/index.js";
import { features } from "../../ops/doctor/rights.js";
import type { RedisConnectionOptions } from "../../redis/index.js";
import { commandFor } from "../command-line.js";
import { causesOf, describeFailure, exitCodes, UsageError } from "../failure.js";
import { givenTo } from "../migrate/places.js";
import { openOutput, type Output } from "../output.js";
import { connect } from "../redis/connect.js";
import { chosenPlaces, redisOptions, type RedisPlaces } from "../redis/redis-options.js";
import { troubleFor } from "../redis/trouble-sentences.js";
import { findingLines, styleFor, summaryLines } from "./report.js";

export interface DoctorCommandOptions extends RedisPlaces {
  readonly prefix: string;
  readonly authPrefix: string;
  readonly key?: string;
  readonly aclUser?: string;
  readonly uses?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export async function runDoctor(command: Command, options: DoctorCommandOptions): Promise<void> {
  const output = openOutput(Boolean(options.json));
  try {
    const uses = featuresIn(options.uses);
    const places = redisOptions(chosenPlaces(options, command));
    const { prefix, authPrefix, key: moveKey, aclUser } = options;
    const found = await examine(places, { prefix, authPrefix, moveKey, aclUser, uses }, output);
    const findings = found.map((finding) => withPlaces(finding, command));
    const isOk = findings.every(({ level }) => level !== "bad");
    const style = styleFor(output.terminal);
    for (const line of findings.flatMap((finding) => findingLines(finding, style))) output.say(line);
    output.say(["", ...summaryLines(findings)].join("\n"));
    output.result({ command: "doctor", ok: isOk, findings });
    process.exitCode = isOk ? exitCodes.fine : exitCodes.refused;
  } catch (error) {
    const { code, message, exitCode } = describeFailure(error);
    output.warn(message);
    if (options.verbose) for (const cause of causesOf(error)) output.warn(cause);
    output.result({ command: "doctor", ok: false, error: { code, message } });
    process.exitCode = exitCode;
  }
}

/** A Redis that cannot be reached is a finding, and the only one. @throws HoldfastError if the address cannot be used */
async function examine(places: RedisConnectionOptions, options: DoctorOptions, output: Output): Promise<Finding[]> {
  const connection = connect(places);
  try {
    output.say(`Redis at ${connection.address}, keys ${options.prefix}*\n`);
    try {
      await connection.ready();
    } catch (error) {
      // If it answers, but with an error, the checks can tell more.
      if (!(hasAnswered(error) && connection.client.isReady)) return [unreachable(error)];
    }
    return await doctor(connection.client, { ...options, ...(places.sentinel && { sentinel: places.sentinel }) });
  } finally {
    await connection.close();
  }
}

const answering: readonly (FailureReason | undefined)[] = ["loading", "disk", "read-only", "cluster", "no-permission"];
const hasAnswered = (error: unknown) => HoldfastError.is(error) && answering.includes(error.reason);

/** The message says what happened, and behind that what to do. */
function unreachable(error: unknown): Finding {
  const { message } = describeFailure(error);
  const trouble = HoldfastError.is(error) ? troubleFor(error) : undefined;
  const [, found = message, remedy] =
    (trouble ? [message, message.slice(0, -trouble.remedy.length - 1), trouble.remedy] : undefined) ??
    /^(.*?\.) (.+)$/.exec(message) ??
    [];
  return {
    check: "reachable",
    level: "bad",
    found: found.replace(/\.$/, ""),
    why: "Without Redis, every request that needs its session gets 503.",
    remedy,
    ...(trouble?.commands && { commands: trouble.commands }),
  };
}

/** A command for the migration goes to the same Redis as this one. */
function withPlaces({ commands, ...finding }: Finding, command: Command): Finding {
  if (!commands) return finding;
  const given = { ...givenTo(command), hasSource: Boolean(process.env["HOLDFAST_FROM"]) };
  const complete = (line: string) => (line.startsWith(step) ? commandFor(line.slice(step.length), given) : line);
  return { ...finding, commands: commands.map(complete) };
}

const step = "npx holdfast migrate ";

/** @throws UsageError */
function featuresIn(text: string | undefined): Feature[] {
  if (text === undefined) return [];
  return text.split(",").map((name) => {
    const feature = features.find((known) => known === name.trim());
    if (feature) return feature;
    throw new UsageError(`--uses is "${text}", but must be a list of: ${features.join(", ")}.`);
  });
}
