/** Runs `holdfast top`, from connecting to the exit code. */
import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { readPulses } from "../../ops/index.js";
import { pulseKey } from "../../ops/pulse/pulse-keys.js";
import { guardClient } from "../../redis/index.js";
import { causesOf, describeFailure, exitCodes } from "../failure.js";
import { listenForInterrupt } from "../interrupt.js";
import { connect, cutOff } from "../redis/connect.js";
import { chosenPlaces, redisOptions, type RedisPlaces } from "../redis/redis-options.js";
import { Lines } from "../sessions/lines.js";
import type { ColumnName } from "./columns.js";
import { openDisplay, type Display } from "./display.js";
import { readMemory } from "../../ops/redis-memory.js";
import { visibleJson } from "../../ops/visible.js";
import type { Shown, View } from "./view.js";

export interface TopOptions extends RedisPlaces {
  /** Seconds. */
  interval: number;
  sort: ColumnName;
  key?: string;
  once?: boolean;
  json?: boolean;
  verbose?: boolean;
}

/** Milliseconds to wait for the reply to a command. */
const commandTimeout = 2000;
/** Milliseconds between two attempts while Redis is away and somebody is watching. */
const retryInterval = 1000;

export async function runTop(command: Command, options: TopOptions): Promise<void> {
  const lines = new Lines();
  const interrupt = listenForInterrupt(() => {});
  const quit = new AbortController();
  const signal = AbortSignal.any([interrupt.signal, lines.gone, quit.signal]);
  const display = openDisplay(options, lines, () => quit.abort());
  signal.addEventListener("abort", () => display.close()); // first of all: what follows may take a while
  try {
    await connected(command, options, display, signal);
    process.exitCode = interrupt.exitCode ?? exitCodes.fine;
  } catch (error) {
    display.close();
    const { code, message, exitCode } = describeFailure(error);
    process.exitCode = signal.aborted ? (interrupt.exitCode ?? exitCodes.fine) : exitCode;
    if (signal.aborted) return;
    process.stderr.write(`${message}\n`);
    if (options.verbose) for (const cause of causesOf(error)) process.stderr.write(`${cause}\n`);
    if (options.json) await lines.add(visibleJson({ error: { code, message } }));
  } finally {
    display.close();
    interrupt.end();
    await lines.flush();
  }
}

async function connected(command: Command, options: TopOptions, display: Display, signal: AbortSignal): Promise<void> {
  const { key = pulseKey } = options;
  const connection = connect(redisOptions(chosenPlaces(options, command)));
  const { address, client } = connection;
  const stop = () => void cutOff(connection);
  signal.addEventListener("abort", stop);
  try {
    await connection.ready();
    guardClient(client, { commandTimeout });
    const read = async (): Promise<View> => {
      const [pulses, memory] = await Promise.all([readPulses(client, { key }), readMemory(client, commandTimeout)]);
      return { at: Date.now(), address, key, pulses, memory };
    };
    await watch(read, options, display, signal);
  } finally {
    signal.removeEventListener("abort", stop);
    await connection.close();
  }
}

/** @throws what `read` throws, the first time; later, the last view stays */
async function watch(
  read: () => Promise<View>,
  { interval, once = false }: TopOptions,
  display: Display,
  signal: AbortSignal,
): Promise<void> {
  let began = performance.now();
  let shown: Shown = shownFirst(await read());
  let readAt = performance.now();
  while (!signal.aborted) {
    await display.show(shown);
    if (once) return;
    const pause = shown.problem && display.isScreen ? Math.min(interval * 1000, retryInterval) : interval * 1000;
    await delay(Math.max(0, began + pause - performance.now()), undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    began = performance.now();
    try {
      const view = await read();
      readAt = performance.now();
      shown = { view, hadProcesses: shown.hadProcesses || view.pulses.processes.length > 0 };
    } catch (error) {
      const { code, message } = describeFailure(error);
      shown = { ...shown, problem: { code, message, age: (performance.now() - readAt) / 1000 } };
    }
  }
}

function shownFirst(view: View): Shown {
  return { view, hadProcesses: view.pulses.processes.length > 0 };
}
