/** `holdfast sessions export`: sessions with their ids, one JSON object a line. */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { open, rm, type FileHandle } from "node:fs/promises";
import { visibleJson } from "../../ops/visible.js";
import { UsageError } from "../failure.js";
import { systemReason } from "../system-reason.js";
import { count as counted } from "../words.js";
import type { SessionsContext } from "./context.js";
import { firstLine, lastLine } from "./export-format.js";
import { whatHelps } from "./unreadable.js";

export interface ExportOptions {
  toTerminal?: boolean;
}

const warning =
  "It holds the ids of the sessions: whoever reads it can take them over. " +
  "Keep it as secret as passwords, and delete it when you are done.";

/** @throws UsageError before anything is connected */
export function checkExport(path: string, { toTerminal = false }: ExportOptions): void {
  if (path === "-" && process.stdout.isTTY && !toTerminal)
    throw new UsageError(
      "An export holds the ids of the sessions, and stdout is a terminal. Name a file, or use --to-terminal.",
    );
}

export async function exportTo(context: SessionsContext, path: string): Promise<void> {
  const { admin, isJson, lines, prefix, say, signal } = context;
  const head = JSON.stringify(firstLine(prefix));
  const progress = context.progress("sessions exported");
  let unreadable = 0;
  const sayLeftOut = () => {
    if (unreadable > 0) say(`${counted(unreadable, "value is", "values are")} not in it: not readable ${whatHelps}.`);
  };
  const write = async (add: (line: string) => Promise<void> | void) => {
    let sessions = 0;
    await add(head);
    for await (const session of admin.export({ signal, onUnreadable: (count) => (unreadable = count) })) {
      const written = add(JSON.stringify(session));
      if (written) await written;
      progress(++sessions);
    }
    if (!signal.aborted) await add(JSON.stringify(lastLine(sessions)));
    return sessions;
  };
  if (path === "-") {
    const sessions = await write((line) => lines.add(line));
    await lines.flush();
    if (lines.gone.aborted) return;
    say(`Exported ${counted(sessions, "session", "sessions")}. ${warning}`);
    return sayLeftOut();
  }
  const file = await created(path);
  try {
    const sessions = await writeFile(file, write);
    if (signal.aborted) throw new Error("stopped");
    if (isJson) await lines.add(visibleJson({ exported: sessions, file: path, unreadable }));
    say(`Exported ${counted(sessions, "session", "sessions")} to ${path}. ${warning}`);
    sayLeftOut();
    if (sessions === 0) await context.sayWhyNothing();
  } catch (error) {
    await rm(path, { force: true }); // half an export looks like a whole one
    if (!signal.aborted) throw error;
    say(`Stopped. ${path} was removed, because it was not complete.`);
  }
}

/** Only for this user. @throws UsageError if it cannot be created */
async function created(path: string): Promise<FileHandle> {
  return open(path, "wx", 0o600).catch((cause: unknown) => {
    const isThere = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    const why = isThere ? "it exists, and is not overwritten" : `it cannot be created: ${systemReason(cause)}`;
    throw new UsageError(`The file is "${path}", but ${why}.`, { cause });
  });
}

type Write = (add: (line: string) => Promise<void> | void) => Promise<number>;

async function writeFile(file: FileHandle, write: Write): Promise<number> {
  const stream = createWriteStream("", { fd: file });
  const failed = once(stream, "close"); // rejects with an error of the stream
  failed.catch(() => {}); // reported where it is awaited
  const sessions = await write((line) => {
    if (stream.write(`${line}\n`)) return;
    return Promise.race([once(stream, "drain"), failed]).then(() => {});
  });
  stream.end();
  await failed;
  return sessions;
}
