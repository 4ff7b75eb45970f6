/** What the gate does with every event in every state. The table in docs/life-of-a-request.md says what is expected. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { next, type Event, type State, type Step } from "../../../lib/http/response-gate/states.js";

const states = ["closed", "holding", "complete", "ending", "open", "ended", "dropped"] as const satisfies State[];
const calls = ["writeHead", "write", "end", "flushHeaders", "flush"] as const satisfies Event[];
const events = [...calls, "saving", "saved", "failed", "failedUnderError", "broken"] as const satisfies Event[];
const waiting = ["holding", "complete", "ending"] as const satisfies State[];

/** The documented table: a row for each event, in it a cell for each state. */
const documented = new Map(
  readFileSync(new URL("../../../docs/life-of-a-request.md", import.meta.url), "utf8")
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim().replaceAll("`", "")))
    .filter(([, event]) => event === "event" || (events as readonly (string | undefined)[]).includes(event))
    .map(([, event, ...cells]) => [event, cells.slice(0, -1)] as const),
);

/** As a cell of the table. */
function cellOf(from: State, { effect, state }: Step): string {
  const act = effect === "ignore" ? "" : effect;
  return state === from ? act : `${act} → ${state}`;
}

test("the documented table has every state and every event", () => {
  expect(documented.get("event")).toEqual(states);
  expect([...documented.keys()]).toEqual(["event", ...events]);
});

describe.each(states)("in the state %s", (state) => {
  test.each(events)("%s does what the documented table says", (event) => {
    expect(cellOf(state, next(state, event))).toBe(documented.get(event)?.[states.indexOf(state)]);
  });
});

describe("whatever the app calls, and however its saves end", () => {
  test("no call reaches the client while a save is waited for", () => {
    const passed = waiting.flatMap((state) => calls.filter((call) => next(state, call).effect === "pass"));
    expect(passed).toEqual([]);
  });

  test("only the end of a save ends the waiting", () => {
    const left = waiting.flatMap((state) =>
      events.filter((event) => !(waiting as readonly State[]).includes(next(state, event).state)),
    );
    expect(new Set(left)).toEqual(new Set(["saved", "failed", "failedUnderError", "broken"]));
  });

  test("the first call that could send anything asks first", () => {
    const unasked = calls.filter((call) => next("closed", call).effect !== "askHead");
    expect(unasked).toEqual(["flush"]); // which sends only what was written, and that has asked
    expect(next("closed", "flush").state).toBe("closed");
  });

  test("no success goes out once its save has failed: what waited is dropped, for good", () => {
    for (const state of [...waiting, "open", "ended"] as const)
      expect(next(state, "failed")).toEqual({ state: "dropped", effect: "drop" });
    for (const event of events) expect(next("dropped", event).state).toBe("dropped");
    for (const call of ["writeHead", "write", "end", "flushHeaders"] as const)
      expect(next("dropped", call).effect).toBe("ignore");
  });

  test("nobody waits for nothing: where a save is begun, the call that asked is held, and every end of the save lets go", () => {
    for (const call of calls) {
      const asked = next("closed", call);
      if (asked.effect !== "askHead") continue;
      const held = next(asked.state, "saving");
      expect(held.effect).toBe("hold");
      expect(next(held.state, "saved")).toEqual({ state: asked.state, effect: "release" });
    }
  });

  test("every state can be reached from a fresh response", () => {
    const reached = new Set<State>(["closed"]);
    for (const state of reached) for (const event of events) reached.add(next(state, event).state);
    expect(reached).toEqual(new Set(states));
  });
});

test("a step is made once: asking what comes next makes no object", () => {
  for (const state of states) for (const event of events) expect(next(state, event)).toBe(next(state, event));
});
