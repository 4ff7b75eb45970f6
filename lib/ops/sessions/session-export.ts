/** Sessions with their ids, as text: to keep them, and to write them back. */
import { setupInvalid } from "../../errors/index.js";
import { repositoryOf, type RedisSessionStore } from "../../express-session/index.js";
import { checkClient, defineScript, describeCommandFailure, guardClient, runScript } from "../../redis/index.js";
import { argumentsOf, listOf } from "../../repository/index.js";
import { isObject } from "../../options/index.js";
import { rawFields, rawText, type Stored } from "../../session/index.js";
import type { ProgressOptions } from "./progress-options.js";
import { importSessionSource } from "./scripts/embedded.js";
import type { SessionReader } from "./session-reader.js";
import type { Summaries } from "./summaries.js";

const importScript = defineScript<number>(importSessionSource);

/** Sessions that are written at the same time. */
const written = 100;

/**
 * A session with its id and all its values. Whoever has it can take over the session: keep it as secret as a password.
 * As JSON, it is a line of an export.
 */
export interface ExportedSession {
  /** With the option `hashIds`, what stands for it: such a session can only be imported where ids are hashed, too. */
  readonly id: string;
  /** When it expires, in milliseconds since 1970; `null` if it does not. */
  readonly expires: number | null;
  /** What Redis holds, in the layout `json`; decompressed and decrypted. */
  readonly text?: string | undefined;
  /** What Redis holds, in the layout `hash`; decompressed and decrypted. */
  readonly fields?: { readonly [name: string]: string } | undefined;
}

/** What `import` did with the sessions that it was given. */
export interface ImportResult {
  /** The number of sessions that were written. */
  readonly imported: number;
  /** The number of those whose id is in use, or that a migration had ended. Nothing was overwritten. */
  readonly existing: number;
  /** The number of those that had expired. */
  readonly expired: number;
}

/** Only what can be read as a session. */
export async function* exportSessions(
  reader: SessionReader,
  summaries: Summaries,
  { onUnreadable, signal }: ProgressOptions,
): AsyncGenerator<ExportedSession> {
  let unreadable = 0;
  for await (const group of reader.read({ signal })) {
    for (const found of group) {
      if ((await summaries.parse(found)) === undefined) {
        onUnreadable?.(++unreadable);
        continue;
      }
      const { sid, milliseconds, stored } = found;
      const expires = milliseconds === undefined ? null : Date.now() + milliseconds;
      yield { id: sid, expires, ...(stored.form === "json" ? { text: stored.text } : { fields: stored.fields }) };
    }
  }
}

type Given = AsyncIterable<ExportedSession> | Iterable<ExportedSession>;

/** @throws HoldfastError `HOLDFAST_OPTION_INVALID` for what is not an exported session; those before it are imported */
export async function importSessions(
  store: RedisSessionStore,
  sessions: Given,
  { onProgress, signal }: ProgressOptions,
): Promise<ImportResult> {
  const { client } = store;
  const given: unknown = client;
  checkClient(given);
  const repository = repositoryOf(store);
  const { keys } = repository;
  const packing = repository.packing.forMany();
  const guard = guardClient(given);
  const result = { imported: 0, existing: 0, expired: 0 };
  let number = 0;
  let writing: Promise<void>[] = [];
  try {
    for await (const session of sessions) {
      if (signal?.aborted) break;
      writing.push(write(checkedSession(session, ++number)));
      if (writing.length < written) continue;
      await Promise.all(writing);
      writing = [];
      onProgress?.(number);
    }
  } finally {
    await Promise.all(writing);
  }
  return result;

  async function write(session: ExportedSession): Promise<void> {
    const { id, expires } = session;
    const left = expires === null ? undefined : Math.ceil(expires - Date.now());
    if (left !== undefined && left <= 0) return void result.expired++;
    const places = keys.placesOf(id);
    const stored = packing.written(storedIn(session), places[0]!);
    const values = stored.form === "json" ? [rawText(stored)] : ["", ...argumentsOf(listOf(rawFields(stored)))];
    const args = [left === undefined ? "" : String(left), ...values];
    const reply = await runScript(guard, importScript, places, args).catch((error: unknown) => {
      throw describeCommandFailure(error, "saved");
    });
    if (reply === 1) result.imported++;
    else result.existing++;
  }
}

function storedIn({ fields, text = "" }: ExportedSession): Stored {
  return fields === undefined
    ? { form: "json", text }
    : { form: "hash", fields: Object.assign(Object.create(null), fields) };
}

/** @throws HoldfastError `HOLDFAST_OPTION_INVALID` */
export function checkedSession(session: unknown, number: number): ExportedSession {
  if (isExported(session)) return session;
  throw setupInvalid(
    `Number ${number} of what is to be imported is not a session of an export, so the import stopped there. ` +
      "Those before it are imported; once it is corrected or removed, import all of it again: nothing is overwritten.",
  );
}

function isExported(session: unknown): session is ExportedSession {
  if (!isObject(session)) return false;
  const { id, expires, text, fields } = session;
  const isTimed = expires === null || (typeof expires === "number" && Number.isFinite(expires));
  const hasValue = fields === undefined ? typeof text === "string" && text !== "" : isFields(fields) && !text;
  return typeof id === "string" && id !== "" && isTimed && hasValue;
}

function isFields(fields: unknown): boolean {
  if (!isObject(fields) || !Object.hasOwn(fields, "cookie")) return false;
  return Object.values(fields).every((value) => typeof value === "string");
}
