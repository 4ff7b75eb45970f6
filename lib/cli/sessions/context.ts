/** What the subcommands work with, and the way from connecting to the exit code. */
import type { Command } from "commander";
import { isHashedName, moveRefused } from "../../errors/index.js";
import { hasEncryptionKeys, RedisSessionStore, repositoryOf } from "../../express-session/index.js";
import { MoveControl } from "../../migrate/state/control.js";
import type { SessionAdmin } from "../../ops/index.js";
import { adminOf } from "../../ops/sessions/session-admin.js";
import { visibleJson } from "../../ops/visible.js";
import { causesOf, describeFailure, exitCodes } from "../failure.js";
import { listenForInterrupt } from "../interrupt.js";
import { loadSerializer } from "../modules.js";
import { connect, cutOff } from "../redis/connect.js";
import { chosenPlaces, redisOptions, type RedisPlaces } from "../redis/redis-options.js";
import { Lines } from "./lines.js";
import { whyNothing } from "./nothing.js";
import { Progress } from "./progress.js";

export interface SessionsOptions extends RedisPlaces {
  prefix?: string;
  serializer?: string;
  key?: string;
  userKey?: string;
  authPrefix?: string;
  ttl?: number;
  hashIds?: boolean;
  json?: boolean;
  verbose?: boolean;
}

export interface SessionsContext {
  readonly admin: SessionAdmin;
  readonly isJson: boolean;
  /** What was asked for, on stdout. */
  readonly lines: Lines;
  readonly prefix: string;
  /** `Redis at redis://127.0.0.1:6379, keys sess:*` */
  readonly redisName: string;
  /** Ctrl-C, or nobody reads stdout any more. */
  readonly signal: AbortSignal;
  /** What else there is to say, on stderr. */
  say(line: string): void;
  /** Says how far it is, every few seconds, and if the task fails. */
  readonly progress: (what: string) => (done: number) => void;
  /** Why nothing may have been found, if there are no sessions at all; false if there are some. */
  sayWhyNothing(): Promise<boolean>;
  /** Whether sessions are stored under hashes of their ids, as the first ones that are found tell. */
  hasHashedIds(): Promise<boolean>;
  /** @throws HoldfastError if a move is under way, in which two stores have each session */
  refuseWhileMoving(): Promise<void>;
}

/** @returns the exit code, if it is not 0 */
export type Subcommand = (context: SessionsContext) => Promise<number | void>;

/** @param check throws if something is wrong with the options, before anything is connected */
export async function runSubcommand(
  command: Command,
  options: SessionsOptions,
  work: Subcommand,
  check?: () => void,
): Promise<void> {
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const interrupt = listenForInterrupt(() => say("\nStopping. Press Ctrl-C again to quit at once."));
  const lines = new Lines();
  const progress = new Progress(say);
  try {
    check?.();
    const context = { lines, say, progress: progress.of, signal: AbortSignal.any([interrupt.signal, lines.gone]) };
    const exitCode = await connected(command, options, context, work);
    process.exitCode = interrupt.exitCode ?? exitCode;
  } catch (error) {
    if (lines.gone.aborted) return;
    const { code, message, exitCode } = describeFailure(error);
    if (interrupt.exitCode === undefined) say(message);
    if (progress.reached !== undefined) say(`Until then: ${progress.reached}.`);
    if (options.verbose) for (const cause of causesOf(error)) say(cause);
    if (options.json && interrupt.exitCode === undefined) await lines.add(visibleJson({ error: { code, message } }));
    process.exitCode = interrupt.exitCode ?? exitCode;
  } finally {
    interrupt.end();
    await lines.flush();
  }
}

type Base = Pick<SessionsContext, "lines" | "say" | "signal" | "progress">;

async function connected(command: Command, options: SessionsOptions, base: Base, work: Subcommand): Promise<number> {
  const { authPrefix, hashIds = false, key, prefix = "sess:", ttl, userKey } = options;
  const serializer = options.serializer === undefined ? undefined : await loadSerializer(options.serializer);
  const connection = connect(redisOptions(chosenPlaces(options, command)));
  const { client } = connection;
  // After Ctrl-C, the sessions in progress get a moment; a server that is silent does not hold the command up.
  const cut = () => setTimeout(() => void cutOff(connection), grace).unref();
  base.signal.addEventListener("abort", cut);
  try {
    await unlessStopped(connection.ready(), base.signal);
    const encrypt = hasEncryptionKeys();
    const redis = new RedisSessionStore({ client, prefix, encrypt, hashIds, ...(serializer && { serializer }) });
    const redisName = `Redis at ${connection.address}, keys ${prefix}*`;
    const context: SessionsContext = {
      ...base,
      admin: adminOf({ store: redis, redis }, { userKey, authPrefix, ttl }),
      isJson: Boolean(options.json),
      prefix,
      redisName,
      async sayWhyNothing() {
        const why = await whyNothing({ client, prefix, redisName, signal: base.signal });
        if (why !== undefined) base.say(why);
        return why !== undefined;
      },
      hasHashedIds: () => hasHashedIds(redis),
      refuseWhileMoving: () => refuseWhileMoving(new MoveControl(client, key === undefined ? {} : { key })),
    };
    return (await work(context)) ?? exitCodes.fine;
  } finally {
    base.signal.removeEventListener("abort", cut);
    await connection.close();
  }
}

/** Milliseconds. */
const grace = 300;

/** @throws the reason of the signal, as soon as there is one */
function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(asError(signal.reason)), { once: true });
    work.then(resolve, reject);
  });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

async function hasHashedIds(redis: RedisSessionStore): Promise<boolean> {
  for await (const ids of repositoryOf(redis).list()) if (ids.length > 0) return ids.some(isHashedName);
  return false;
}

async function refuseWhileMoving(control: MoveControl): Promise<void> {
  const { phase } = await control.read();
  if (phase !== "moving") return;
  throw moveRefused(
    "The sessions are being moved, and the database has them too, so a change in Redis alone would be undone. " +
      "Finish the move, or end sessions in the app: `sessionAdmin(sessions).end(hash)`, or `auth.endLogins(user)`.",
  );
}
