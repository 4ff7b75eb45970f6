/** Each step in each state of a move: possible, or refused for which reason; and what comes next. */
import { describe, expect, test } from "vitest";
import {
  doubtful,
  mustBePossible,
  nextSteps,
  obstacle,
  type Asked,
  type Position,
  type StepName,
} from "../../lib/migrate/state/machine.js";

const off: Position = {
  phase: "off",
  dial: 0,
  other: undefined,
  isComplete: false,
  isReturning: false,
  verified: undefined,
  version: 7,
  doubt: undefined,
};
const moving: Position = { ...off, phase: "moving" };
/** Compared since the dial was last turned. */
const verified: Position = { ...moving, dial: 50, verified: 7 };
const finished: Position = { ...verified, phase: "finished", dial: 100, isComplete: true };
/** A rollback after the end that was interrupted. */
const returning: Position = { ...finished, phase: "moving", isReturning: true, verified: undefined };
const doubt = "A process ended without saying goodbye.";

type Case = [step: StepName, position: Position, asked: Asked, refusal: string | undefined];

test.each<Case>([
  ["start", off, {}, undefined],
  ["start", off, { isFollowed: true }, undefined],
  ["start", off, { isFollowed: false }, "No process of the app follows"],
  ["start", off, { isFollowed: false, withoutApp: true }, undefined],
  ["start", moving, {}, "already begun"],
  ["start", finished, {}, "already begun"],
  ["rollback", off, {}, "nothing to roll back"],
  ["set", off, {}, "`holdfast migrate start` first"],
  ["finish", off, {}, "`holdfast migrate start` first"],
  ["backfill", off, {}, "`holdfast migrate start` first"],
  ["repair", off, {}, "`holdfast migrate start` first"],
  ["rollback", moving, {}, undefined],
  ["rollback", finished, {}, undefined],

  ["finish", finished, {}, undefined],
  ["set", finished, {}, "The move is finished. To move"],
  ["backfill", finished, {}, "nothing to copy"],
  ["repair", finished, {}, "no longer written"],

  ["backfill", moving, {}, undefined],
  ["backfill", returning, {}, "finished once"],
  ["repair", moving, {}, undefined],
  ["repair", returning, {}, undefined],

  ["set", verified, { target: 10 }, undefined],
  ["set", verified, {}, undefined],
  ["set", { ...verified, version: 9 }, { target: 10 }, undefined],
  ["set", returning, { target: 50 }, "A rollback was interrupted"],
  ["set", returning, { target: 50, acceptLoss: true }, "A rollback was interrupted"],
  ["set", returning, { target: 50, acceptLoss: true, isPart: true }, undefined],
  ["set", returning, { target: 50, isPart: true }, "since the database is written again"],
  ["set", { ...verified, isReturning: true }, { target: 10 }, undefined],
  ["set", { ...verified, doubt }, { target: 10 }, doubt],
  ["set", { ...verified, doubt }, { target: 10, acceptLoss: true }, undefined],
  ["set", moving, { target: 10 }, "have not been compared since this move began"],
  ["set", moving, { target: 10, acceptLoss: true }, undefined],
  ["set", moving, { target: 0 }, undefined],
  ["set", moving, {}, undefined],
  ["set", { ...moving, other: 10 }, { target: 0 }, "have not been compared since this move began"],
  ["set", { ...moving, isComplete: true }, { target: 10 }, "since the database is written again"],
  ["set", { ...verified, other: 100 }, { target: 50 }, undefined],
  ["set", { ...verified, other: 100 }, { target: 100 }, undefined],
  ["set", { ...verified, other: 100 }, { target: 70 }, "partway between 50 and 100"],
  ["set", { ...verified, other: 100 }, { target: 70, acceptLoss: true }, "partway between 50 and 100"],

  ["finish", { ...verified, dial: 100 }, {}, undefined],
  ["finish", verified, {}, "The dial is at 50"],
  ["finish", verified, { acceptLoss: true }, "The dial is at 50"],
  ["finish", { ...verified, dial: 100, other: 50 }, {}, "The dial is at 100"],
  ["finish", { ...verified, dial: 100, doubt }, {}, doubt],
  ["finish", { ...verified, dial: 100, doubt }, { acceptLoss: true }, undefined],
  ["finish", { ...verified, dial: 100, version: 8 }, {}, "since the dial was turned"],
  ["finish", { ...verified, dial: 100, version: 8 }, { acceptLoss: true }, undefined],

  ["set", { ...verified, isTurning: true }, { target: 10 }, "Another command"],
  ["set", { ...verified, isTurning: true }, { target: 10, isPart: true }, undefined],
  ["start", { ...off, isTurning: true }, {}, undefined],
])("%s in %j, asked with %j: %s", (step, position, asked, refusal) => {
  const found = obstacle(step, position, asked);
  if (refusal === undefined) {
    expect(found).toBeUndefined();
    return expect(mustBePossible(step, position, asked)).toBeUndefined();
  }
  expect(found).toContain(refusal);
  expect(() => mustBePossible(step, position, asked)).toThrow(
    expect.objectContaining({ code: "HOLDFAST_MOVE_REFUSED", message: expect.stringContaining(refusal) as string }),
  );
});

test("a move in doubt is explained by what happened", () =>
  expect(doubtful(doubt)).toMatch(/^A process ended.*--repair/));

describe("what comes next", () => {
  type Known = Parameters<typeof nextSteps>[0];
  const known = (position: Position, more: Partial<Known> = {}): Known => ({
    ...position,
    backfilled: undefined,
    isFollowed: true,
    ...more,
  });

  /** Of each step, the command; undefined for one that is not the command's. */
  test.each<[Known, (string | undefined)[]]>([
    [known(off), ["start"]],
    [known(off, { isFollowed: false }), [undefined, "start"]],
    [known(moving), ["backfill", "verify"]],
    [known(moving, { backfilled: 100 }), ["backfill"]],
    [known({ ...moving, verified: 6 }), ["backfill", "verify"]],
    [known({ ...moving, verified: 7 }), ["set 10"]],
    [known({ ...moving, verified: 6, other: 10 }), ["set 0", "set 10"]],
    [known({ ...verified, doubt }), ["verify --repair"]],
    [known({ ...moving, isComplete: true }), ["verify --repair"]],
    [known({ ...moving, isComplete: true, verified: 7 }, { backfilled: 100 }), ["set 10"]],
    [known({ ...moving, isComplete: true, verified: 6 }), ["set 10"]],
    [known({ ...verified, dial: 10 }), ["set 50"]],
    [known({ ...verified, version: 8 }), ["set 100"]],
    [known({ ...verified, other: 100 }), ["set 50", "set 100"]],
    [known({ ...verified, dial: 100 }), ["finish"]],
    [known({ ...verified, dial: 100, version: 8 }), ["verify"]],
    [known(finished), [undefined, "rollback"]],
    [known(returning), ["rollback"]],
    [known({ ...verified, isTurning: true }), [undefined]],
  ])("%j: %j", (position, steps) => {
    const next = nextSteps(position);
    expect(next.map(({ step }) => step)).toEqual(steps);
    for (const { why, step } of next) expect(why).toMatch(step === undefined ? /\.$|:$|md\.$/ : /:$/);
  });
});
