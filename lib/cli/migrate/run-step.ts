/** Runs one step from the first connection to the exit code: says what it did and what comes next. */
import type { Command } from "commander";
import { causesOf, describeFailure, exitCodes } from "../failure.js";
import { listenForInterrupt } from "../interrupt.js";
import { openOutput, type Output } from "../output.js";
import { openContext, type Context } from "./context.js";
import type { NextStep } from "./next-step.js";
import { givenTo, type PlaceOptions } from "./places.js";

export interface Outcome {
  /** For `--json`. */
  readonly facts: object;
  readonly next: readonly NextStep[];
  /** A difference was found. */
  readonly isRefused?: boolean;
}

export type Step<O> = (context: Context, options: O) => Promise<Outcome>;

export async function runStep<O extends PlaceOptions>(command: Command, options: O, step: Step<O>): Promise<void> {
  const output = openOutput(Boolean(options.json));
  const given = givenTo(command);
  const interrupt = listenForInterrupt(() => output.warn("\nStopping; Ctrl-C again ends at once."));
  let context: Context | undefined;
  try {
    const running = openContext({ options, given, output, signal: interrupt.signal }).then((opened) => {
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
    process.exitCode = interrupt.exitCode ?? fail(error, command, options, output);
    if (interrupt.exitCode !== undefined) tellInterrupt(output, command);
  } finally {
    interrupt.end();
    await context?.close();
  }
}

/** Says what went wrong, in one sentence. Returns the exit code. */
export function fail(error: unknown, command: Command, options: PlaceOptions, output: Output): number {
  const { code, message, exitCode } = describeFailure(error);
  output.warn(message);
  if (options.verbose) for (const cause of causesOf(error)) output.warn(cause);
  output.result({ command: command.name(), ok: false, error: { code, message } });
  return exitCode;
}

function tellInterrupt(output: Output, command: Command): void {
  const message = `Stopped. What was done is done; the same command goes on from there, and \`holdfast migrate status\` shows where it stands.`;
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

/** Milliseconds that the rows at hand may take after a Ctrl-C. */
const patience = 10_000;

/** What takes no signal is left where it stands: each change of the move is whole. */
function unlessStuck<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  running.catch(() => {}); // it may fail later, when its connection is closed under it
  return new Promise((resolve, reject) => {
    running.then(resolve, reject);
    signal.addEventListener("abort", () => {
      setTimeout(() => reject(new Error("stopped")), patience).unref();
    });
  });
}
