/**
 * Proves that a table is the one that the app's own legacy store uses: what the app writes through its store must show
 * up in the table, and the app must find what is written into the table, and must see it expire in time.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { codes, HoldfastError } from "../../errors/index.js";
import type { MoveControl } from "../state/control.js";
import { silentAfter, type Answer, type Ask, type KnownProcess } from "../state/move-record.js";
import type { Source } from "../sources/types.js";
import { activeIn } from "./processes.js";
import { readRow } from "./stored-row.js";
import { markerIn } from "../engine/witness.js";

/** Milliseconds to wait for answers: a process that stopped reporting is off the list by then. */
const answerTimeout = (silentAfter + 2) * 1000;
/** Milliseconds that a replica may lag behind what the app has written. */
const replicationLag = 2000;
/** Milliseconds by which the clocks of the app, the database and this machine may differ. */
const tolerance = 90_000;

/** The table to prove, and the move whose processes help. */
export interface ProofParts {
  readonly source: Source;
  readonly control: MoveControl;
}

/** The number of rows, without the marker. */
export async function countSessions({ source, control }: ProofParts): Promise<number> {
  const [all, marker] = await Promise.all([source.count(), source.find([control.markerId])]);
  return all - marker.size;
}

/**
 * Rejects unless the app's own legacy store uses this table. The steps call it; an app that opened the table itself can
 * skip it.
 *
 * @param fresh the table must have what the app's processes write at this moment, so that a copy of the table fails the
 *   check; if no process is running, an earlier marker is enough
 * @throws HoldfastError MOVE_UNPROVEN
 * @example
 * await proveSource({ source, control }, { fresh: true });
 */
export async function proveSource({ source, control }: ProofParts, { fresh }: { fresh: boolean }): Promise<void> {
  const isThere = (await markerOf(source, control)) !== undefined;
  if (isThere && !fresh) return;
  if (activeIn(await control.processes()).length > 0) return proveFresh({ source, control });
  if (isThere) return;
  throw unproven(
    `${source.name} has no marker of the app, and no process of the app follows the move that could write one`,
    "Run the app with its MigratingStore",
  );
}

/**
 * Proves both directions and the clocks, with every process.
 *
 * @throws HoldfastError MOVE_UNPROVEN, and what the source throws
 * @example
 * await proveWayBack({ source, control });
 */
export async function proveWayBack({ source, control }: ProofParts): Promise<void> {
  await proveFresh({ source, control });
  const [lives, over] = [randomUUID(), randomUUID()];
  const now = Date.now();
  try {
    await source.write([probe(lives, now + tolerance), probe(over, now - tolerance)]);
    await askAll(control, { read: [lives, over] }, (answers) => {
      for (const [process, answer] of answers) checkAnswer(source, process, answer, { lives, over });
    });
  } finally {
    await source.remove([lives, over]);
  }
}

function checkAnswer(
  { name }: Source,
  process: KnownProcess,
  { found }: Answer,
  { lives, over }: { lives: string; over: string },
): void {
  if (!found.includes(lives))
    throw unproven(
      `${nameOf(process)} did not find a test session that was written into ${name} with ${tolerance / 1000} s to live`,
      "If it uses that table, the clocks or the time zones of the app and of this connection differ",
    );
  if (found.includes(over))
    throw unproven(
      `${nameOf(process)} still accepts a test session that has expired in ${name}`,
      "The clocks or the time zones of the app and of this connection differ",
    );
}

function proveFresh(parts: ProofParts): Promise<void> {
  return askAll(parts.control, { mark: true }, (answers) => findMarker(parts, answers));
}

async function findMarker({ source, control }: ProofParts, answers: Answers): Promise<void> {
  const asks = new Set(Array.from(answers.values(), ({ ask }) => ask));
  for (const deadline = Date.now() + replicationLag; ;) {
    const marker = await markerOf(source, control);
    if (marker && asks.has(marker.ask)) return checkEnd(source, marker.isLive);
    if (Date.now() > deadline) break;
    await delay(100);
  }
  throw unproven(
    `${source.name} is not the table that the app's own store uses: what the app has just written is missing from it`,
  );
}

function checkEnd({ name }: Source, isLive: boolean): void {
  if (isLive) return;
  throw unproven(
    `A session that the app has just written into ${name} is already expired`,
    "The clocks or the time zones of the app and of this connection differ",
  );
}

async function markerOf(source: Source, control: MoveControl): Promise<{ ask: string; isLive: boolean } | undefined> {
  const row = (await source.find([control.markerId])).get(control.markerId);
  if (!row) return undefined;
  try {
    const marker = markerIn(JSON.parse(row.text));
    return marker && { ask: marker.ask, isLive: readRow(row, Date.now()).kind === "live" };
  } catch {
    return undefined;
  }
}

type Answers = Map<KnownProcess, Answer>;

/**
 * Asks all active processes, and checks their answers. They hear one ask at a time, so two commands take turns: the ask
 * stays until `check` is done, and a command whose ask was replaced asks again.
 *
 * @throws HoldfastError MOVE_UNPROVEN when a process cannot answer, and what `check` throws
 */
async function askAll(
  control: MoveControl,
  what: Omit<Ask, "id">,
  check: (answers: Answers) => void | Promise<void>,
): Promise<void> {
  for (;;) {
    await untilNoAsk(control);
    const id = await control.ask(what);
    try {
      const answers = await answersTo(control, id);
      const failure = answers && (await failureOf(async () => check(answers)));
      if (answers && !failure) return;
      // If another command asked meanwhile, that may be why the check failed.
      if (failure && (await control.currentAsk())?.id === id) throw failure.error;
    } finally {
      await control.endAsk(id);
    }
  }
}

async function failureOf(work: () => Promise<void>): Promise<{ error: unknown } | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** A command that was killed may have left its ask: it is replaced after a while. */
async function untilNoAsk(control: MoveControl): Promise<void> {
  for (const deadline = Date.now() + answerTimeout; Date.now() < deadline; await delay(50))
    if ((await control.currentAsk()) === undefined) return;
}

/** Undefined if another command has asked meanwhile. */
async function answersTo(control: MoveControl, id: string): Promise<Answers | undefined> {
  for (const deadline = Date.now() + answerTimeout; ;) {
    if ((await control.currentAsk())?.id !== id) return undefined;
    const processes = activeIn(await control.processes());
    const waiting = processes.filter(({ answer }) => answer?.ask !== id);
    const failed = processes.find(({ answer }) => answer?.ask === id && !answer.isDone);
    if (failed) throw unproven(`The legacy store of ${nameOf(failed)} failed`, "Check its database");
    if (waiting.length === 0) return new Map(processes.map((process) => [process, process.answer!]));
    if (Date.now() > deadline)
      throw unproven(
        `${nameOf(waiting[0]!)} did not answer within ${answerTimeout / 1000} s`,
        "Stop it, or wait for it",
      );
    await delay(50);
  }
}

function probe(sid: string, expires: number) {
  const cookie = { originalMaxAge: tolerance, expires: new Date(expires).toISOString(), httpOnly: true, path: "/" };
  return { sid, expires, text: JSON.stringify({ cookie }) };
}

function nameOf({ pid, host }: KnownProcess): string {
  return `process ${pid} on ${host}`;
}

function unproven(what: string, remedy?: string): HoldfastError {
  const places = "Check the URL, the table, its schema and columns.";
  const said = `${what.charAt(0).toUpperCase()}${what.slice(1)}.`;
  return new HoldfastError(
    codes.MOVE_UNPROVEN,
    `${said} ${remedy ? `${remedy}. ` : ""}${places} Nothing was changed.`,
    {
      status: 409,
    },
  );
}
