/** `holdfast sessions import`: what `export` has written, unless it was cut off. */
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { checkedSession } from "../../ops/sessions/session-export.js";
import type { ExportedSession } from "../../ops/index.js";
import { visibleJson } from "../../ops/visible.js";
import { RefusedError, UsageError } from "../failure.js";
import { systemReason } from "../system-reason.js";
import { count as counted } from "../words.js";
import type { SessionsContext } from "./context.js";
import { checkFirstLine, parsedLine, sessionsIn } from "./export-format.js";

export interface ImportOptions {
  hashIds?: boolean | undefined;
  /** Import what there is of an export that was cut off. */
  incomplete?: boolean | undefined;
}

export async function importFrom(
  context: SessionsContext,
  path: string,
  { hashIds, incomplete = false }: ImportOptions,
): Promise<void> {
  const { admin, isJson, lines, say, signal } = context;
  await context.refuseWhileMoving();
  if (hashIds === undefined && (await context.hasHashedIds()))
    throw new UsageError(
      "The sessions here are stored under hashes of their ids, so an app with `hashIds` would not find what is imported " +
        "under ids. Use --hash-ids; or --no-hash-ids, if the app has the option no more.",
    );
  if (path !== "-" && !incomplete) await checkEnd(path);
  const input = path === "-" ? process.stdin : createReadStream(path);
  const onProgress = context.progress("sessions read");
  const given = sessionsOf(input, { path, incomplete, say, signal });
  const { imported, existing, expired } = await admin.import(given, { signal, onProgress });
  if (isJson) await lines.add(visibleJson({ imported, existing, expired }));
  say(`Imported ${counted(imported, "session", "sessions")}${signal.aborted ? ", and stopped" : ""}.`);
  if (existing > 0) say(`${counted(existing, "session was", "sessions were")} there already, and left as they are.`);
  if (expired > 0) say(`${counted(expired, "session", "sessions")} had expired.`);
}

interface Given extends Required<Pick<ImportOptions, "incomplete">>, Pick<SessionsContext, "say" | "signal"> {
  readonly path: string;
}

async function* sessionsOf(input: Readable, { path, incomplete, say, signal }: Given): AsyncGenerator<ExportedSession> {
  let [hasEnd, isFirst, number] = [false, true, 0];
  let promised: number | undefined;
  let isCut = false; // in the middle of a line
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity, signal })) {
      if (isFirst) ({ hasEnd } = checkFirstLine(line));
      else if (line !== "") {
        if (isCut) checkedSession(undefined, number + 1); // the line before, and not the last one
        const value = parsedLine(line);
        const sessions = sessionsIn(value);
        if (sessions !== undefined) promised = sessions;
        else if (value === undefined) isCut = true;
        else yield checkedSession(value, ++number);
      }
      isFirst = false;
    }
  } catch (cause) {
    if (!(cause instanceof Error && "syscall" in cause)) throw cause;
    throw new UsageError(`The file is "${path}", but it cannot be read: ${systemReason(cause)}.`, { cause });
  }
  if (signal.aborted) return;
  if (isFirst) checkFirstLine(undefined);
  const isWhole = !isCut && (hasEnd ? promised === number : true);
  if (!isWhole && !incomplete) throw cutOff(`after ${counted(number, "session", "sessions")}, which were read`);
  if (!isWhole) say(`The export was cut off after ${counted(number, "session", "sessions")}. The others are lost.`);
  else if (!hasEnd)
    say("This export is of an earlier version, which wrote no end: whether all sessions are in it cannot be told.");
}

/** Characters in which the last line is. */
const tail = 200;

/** Before anything is written. @throws RefusedError if the end is missing */
async function checkEnd(path: string): Promise<void> {
  const begin = await partOf(path, 0).catch(() => ""); // reading it again says why
  const head = begin.split("\n")[0];
  if (begin === "" || !checkFirstLine(head).hasEnd) return;
  const end = await partOf(path, -tail);
  if (sessionsIn(parsedLine(end.trimEnd().split("\n").at(-1))) === undefined) throw cutOff("");
}

async function partOf(path: string, from: number): Promise<string> {
  const { size } = await stat(path);
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(from < 0 ? -from : 4096);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from < 0 ? Math.max(0, size + from) : from);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

function cutOff(where: string): RefusedError {
  const what = where === "" ? "it has no last line, and nothing was imported" : `it ends ${where}`;
  return new RefusedError(
    "EXPORT_INCOMPLETE",
    `This export is not complete: ${what}. Export again, or use --incomplete to import what there is.`,
  );
}
