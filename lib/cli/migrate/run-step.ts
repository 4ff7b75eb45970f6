/** Runs one step, from connecting to the exit code, and says what it did and what comes next. */
import type { Command } from "commander";
import { withCommands, type Given } from "../command-line.js";
import { causesOf, describeFailure, exitCodes } from "../failure.js";
import { listenForInterrupt } from "../interrupt.js";
import { openOutput, type Output } from "../output.js";
import { chosenPlaces } from "../redis/redis-options.js";
import { openContext, type Context } from "./context.js";
import type { NextStep } from "../../migrate/state/machine.js";
import { givenTo, type PlaceOptions } from "./places.js";

export interface Outcome {
  /** For `--json`. */
  readonly facts: object;
  readonly next: readonly NextStep[];
  /** Exit with code 1, for example because a difference was found. */
  readonly isRefused?: boolean;
}

export type Step<O> = (context: Context, options: O) => Promise<Outcome>;

export async function runStep<O extends PlaceOptions>(command: Command, options: O, step: Step<O>): Promise<void> {
  const output = openOutput(Boolean(options.json));
  const given = givenTo(command);
  const interrupt = listenForInterrupt(() => output.warn("\nStopping. Press Ctrl-C again to quit at once."));
  let context: Context | undefined;
  try {
    const running = openContext({
      options: chosenPlaces(options, command),
      given,
      output,
      signal: interrupt.signal,
    }).then((opened) => {
      context = opened;
      return step(opened, options);
    });
    const outcome = await unlessStuck(running, interrupt.signal);
    const isStopped = interrupt.exitCode !== undefined;
    const exitCode = interrupt.exitCode ?? (outcome.isRefused ? exitCodes.refused : exitCodes.fine);
    const next = outcome.next.map(({ why, step }) =>
      step === undefined ? { why } : { why, command: context!.command(step) },
    );
    output.result({
      command: command.name(),
      ok: exitCode === 0,
      ...(isStopped && { stopped: true }),
      ...outcome.facts,
      next,
    });
    sayNext(output, next);
    process.exitCode = exitCode;
  } catch (error) {
    process.exitCode = interrupt.exitCode ?? fail(error, { command, options, output, given });
    if (interrupt.exitCode !== undefined) sayStopped(output, command);
  } finally {
    interrupt.end();
    await context?.close();
  }
}

/** Says what went wrong, and returns the exit code. */
function fail(
  error: unknown,
  { command, options, output, given }: { command: Command; options: PlaceOptions; output: Output; given: Given },
): number {
  const { code, exitCode, ...failure } = describeFailure(error);
  const message = withCommands(failure.message, given);
  output.warn(message);
  if (options.verbose) for (const cause of causesOf(error)) output.warn(cause);
  output.result({ command: command.name(), ok: false, error: { code, message } });
  return exitCode;
}

function sayStopped(output: Output, command: Command): void {
  const message =
    "Stopped. Completed work is kept. Run the same command to continue; `holdfast migrate status` shows the progress.";
  output.say(message);
  output.result({ command: command.name(), ok: false, stopped: true, message });
}

function sayNext(output: Output, next: readonly { why: string; command?: string }[]): void {
  if (next.length === 0) return;
  output.say("");
  for (const { why, command } of next) {
    output.say(why);
    if (command !== undefined) output.say(`  ${command}`);
  }
}

/** Milliseconds to finish the current rows after Ctrl-C. */
const stopTimeout = 10_000;

/** Work that ignores the signal is abandoned: each change of the move is atomic. */
function unlessStuck<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  running.catch(() => {}); // it may fail later, when its connection is closed
  return new Promise((resolve, reject) => {
    running.then(resolve, reject);
    signal.addEventListener("abort", () => {
      setTimeout(() => reject(new Error("stopped")), stopTimeout).unref();
    });
  });
}
