/** Which steps fit where a move stands: sequences of steps, interruptions and crashes on a model of it. Pure. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { nextSteps, obstacle, type Position, type StepName } from "../../lib/migrate/state/machine.js";

type Model = Position & { backfilled: number | undefined; isFollowed: boolean };
type Step =
  | { name: Exclude<StepName, "set">; isInterrupted: boolean }
  | { name: "set"; target: number; isInterrupted: boolean }
  | { name: "verify" | "crash" };

const begin: Model = {
  phase: "off",
  dial: 0,
  other: undefined,
  isComplete: false,
  isReturning: false,
  verified: undefined,
  version: 0,
  doubt: undefined,
  backfilled: undefined,
  isFollowed: true,
};

const isInterrupted = fc.boolean();
const names = ["start", "backfill", "repair", "finish", "rollback"] as const;
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.constantFrom(...names), isInterrupted).map(([name, broken]): Step => ({ name, isInterrupted: broken })),
  fc
    .tuple(fc.constantFrom(0, 10, 50, 100), isInterrupted)
    .map(([target, broken]): Step => ({ name: "set", target, isInterrupted: broken })),
  fc.constantFrom<Step>({ name: "verify" }, { name: "crash" }),
);
const steps = fc.array(step, { maxLength: 40 });

/** Where a step that was not refused leaves the move, if it is interrupted half way too. */
function after(now: Model, step: Step): Model {
  const version = now.version + 1;
  const verified = { ...now, version, verified: version, doubt: undefined };
  if (step.name === "crash") return now.phase === "moving" ? { ...now, doubt: "A process went.", version } : now;
  if (step.name === "verify") return now.phase === "moving" ? verified : now;
  if (obstacle(step.name, now, step.name === "set" ? { target: step.target } : {}) !== undefined) return now;
  switch (step.name) {
    case "start":
      return { ...begin, phase: "moving", version, backfilled: now.backfilled };
    case "backfill":
      return { ...now, backfilled: step.isInterrupted ? 100 : undefined };
    case "repair":
      return step.isInterrupted ? now : verified;
    case "set":
      if (now.dial === step.target && now.other === undefined) return now;
      if (step.isInterrupted) return { ...now, isReturning: false, other: now.other ?? step.target, version };
      return { ...now, isReturning: false, dial: step.target, other: undefined, version };
    case "finish":
      return { ...now, phase: "finished", isComplete: true, isReturning: false, version };
    case "rollback": {
      const reopened = now.phase === "finished" ? { verified: undefined, dial: 100, phase: "moving" as const } : {};
      return step.isInterrupted ? { ...now, ...reopened, isReturning: true, version } : { ...begin, version };
    }
  }
}

it("after any steps, interruptions and crashes, no session that ended in Redis can be copied back", () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      let now = begin;
      for (const step of sequence) {
        now = after(now, step);
        if (now.isComplete) expect(obstacle("backfill", now)).toBeDefined();
        if (now.isReturning && now.isComplete) expect(obstacle("set", now, { target: 0 })).toBeDefined();
        if (now.doubt !== undefined && now.phase === "moving") expect(obstacle("finish", now)).toBeDefined();
      }
    }),
  );
});

it("in any state, the suggested next step is allowed, and following the suggestions ends in `finished` or `off`", () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      let now = sequence.reduce<Model>(after, begin);
      for (let i = 0; now.phase !== "finished"; i++) {
        if (i > 20) throw new Error(`it goes round in circles: ${JSON.stringify(now)}`);
        for (const { step } of nextSteps(now)) {
          if (step === undefined || step === "verify") continue;
          const [name, target] = step === "verify --repair" ? ["repair", undefined] : step.split(" ");
          const asked = target === undefined ? {} : { target: Number(target) };
          expect({ step, obstacle: obstacle(name as StepName, now, asked) }).toEqual({ step, obstacle: undefined });
        }
        for (const { step } of nextSteps(now).slice(0, now.other === undefined ? undefined : 1)) {
          if (step === undefined) continue;
          const [name, target] = step === "verify --repair" ? ["repair"] : step.split(" ");
          now = after(now, { name, target: Number(target), isInterrupted: false } as Step);
        }
        if (now.phase === "off") return;
      }
    }),
  );
});

it("while the dial is being turned, only steps that just copy are allowed", () => {
  const turning: Model = { ...begin, phase: "moving", other: 50, verified: 1, version: 2, isTurning: true };
  const fitting = ([...names, "set"] as const).filter((name) => obstacle(name, turning, { target: 50 }) === undefined);
  expect(fitting).toEqual(["backfill", "repair"]);
});
