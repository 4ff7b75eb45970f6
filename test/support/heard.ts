/** Listens to the library's signals during one test. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { onTestFinished } from "vitest";
import { signals, type Signal } from "../../lib/signals/index.js";

const { session, redis, move, login, operator } = signals;
const all: Signal<object>[] = [
  ...Object.values(session),
  ...Object.values(redis),
  ...Object.values(move),
  login,
  operator,
];

export const channels = all.map(({ name }) => name);

export interface Heard {
  /** The name without `holdfast:`, such as `session:found`. */
  readonly name: string;
  readonly payload: Record<string, unknown>;
}

/** All signals from now until the test ends, whose name begins like this; in the order in which they are sent. */
export function listen(prefix = ""): Heard[] {
  const heard: Heard[] = [];
  for (const { name } of all) {
    const short = name.replace(/^holdfast:/, "");
    if (!short.startsWith(prefix)) continue;
    const listener = (payload: unknown) => void heard.push({ name: short, payload: payload as Heard["payload"] });
    subscribe(name, listener);
    onTestFinished(() => void unsubscribe(name, listener));
  }
  return heard;
}

/** Their short names. */
export function namesOf(heard: readonly Heard[]): string[] {
  return heard.map(({ name }) => name);
}
