/** What a step works with: both stores, the state of the move, and the output. */
import { moveRefused, propertyOf } from "../../errors/index.js";
import { Move, MoveControl, openSource, type Source, type StoreFacts } from "../../migrate/index.js";
import { storeOf } from "../../migrate/steps/move.js";
import { hasEncryptionKeys, RedisSessionStore, repositoryOf } from "../../express-session/index.js";
import { commandFor, type Given } from "../command-line.js";
import { confirm } from "../confirm.js";
import { UsageError } from "../failure.js";
import { loadSerializer, loadSource } from "../modules.js";
import type { Output } from "../output.js";
import { showProgress, type Progress } from "../progress/progress.js";
import { connect } from "../redis/connect.js";
import { redisOptions } from "../redis/redis-options.js";
import { parseColumns, type PlaceOptions } from "./places.js";

export interface Context {
  readonly control: MoveControl;
  readonly move: Move;
  readonly redis: RedisSessionStore;
  /** `Redis at redis://127.0.0.1:6379, keys sess:*` */
  readonly redisName: string;
  readonly hasSource: boolean;
  readonly signal: AbortSignal;
  /** Opens the legacy store and checks it. @throws HoldfastError, UsageError if none is named */
  source(): Promise<Source>;
  /** @throws HoldfastError if the app stores its sessions in Redis in a different form than this command would */
  mustMatchApp(): void;
  /** The `maxmemory-policy` of Redis; undefined if it cannot be read. */
  policy(): Promise<string | undefined>;
  say(line: string): void;
  /** Asks on a terminal; otherwise true. */
  confirm(question: string): Promise<boolean>;
  /** The command for a step, with the options of this command. */
  command(step: string): string;
  progress(readBefore?: number): Progress;
  close(): Promise<void>;
}

export interface ContextParts {
  readonly options: PlaceOptions;
  readonly given: Given;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** Connects to Redis. @throws HoldfastError */
export async function openContext({ options, given, output, signal }: ContextParts): Promise<Context> {
  const { key, yes = false } = options;
  const columns = options.columns === undefined ? undefined : parseColumns(options.columns);
  if (given.typed["from"] !== undefined && given.typed["source"] !== undefined)
    throw new UsageError("--from and --source cannot be combined; use one of them.");
  const serializer = options.serializer === undefined ? undefined : await loadSerializer(options.serializer);
  const connection = connect(redisOptions(options));
  const opened: Source[] = [];
  const close = async () => {
    await Promise.allSettled([...opened.map((source) => source.close()), connection.close()]);
  };
  try {
    await connection.ready();
    const { client } = connection;
    const control = new MoveControl(client, key === undefined ? {} : { key });
    const [{ store: noted }, processes] = await Promise.all([control.read(), control.processes()]);
    const app = storeOf(processes) ?? noted;
    const prefix = options.prefix ?? app?.prefix ?? "sess:";
    const redis = new RedisSessionStore({
      client,
      prefix,
      scanCount: 1000,
      ...(typeof app?.ttl === "number" && { ttl: app.ttl }),
      ...(app?.disableTTL && { disableTTL: true }),
      ...(serializer && { serializer }),
      ...encryptionFor(app),
    });
    return {
      control,
      move: new Move(control),
      redis,
      redisName: `Redis at ${connection.address}, keys ${prefix}*`,
      hasSource: given.hasSource,
      signal,
      close,
      mustMatchApp: () => mustMatchApp(app, redis, options),
      policy: () => policyOf(client),
      async source() {
        const source = await openNamed(options, columns);
        opened.push(source);
        await source.check();
        return source;
      },
      say: (line) => output.say(line),
      confirm: (question) => confirm(question, { isJson: output.isJson, yes, signal }),
      command: (step) => commandFor(step, given),
      progress: (readBefore = 0) =>
        showProgress({ terminal: output.terminal, say: (line) => output.say(line) }, readBefore),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openNamed(
  { from, source, table, schema }: PlaceOptions,
  columns: ReturnType<typeof parseColumns> | undefined,
): Promise<Source> {
  if (source !== undefined) return loadSource(source);
  if (!from)
    throw new UsageError(
      "No database to move from is given. Use --from or HOLDFAST_FROM, or --source for a source of your own.",
    );
  const scheme = /^(?:mongodb|redis|rediss|dynamodb|couchbase|memcached)\b/i.exec(from)?.[0];
  if (scheme)
    throw new UsageError(
      `The URL in --from must begin with postgres://, mysql://, mariadb:// or sqlite:. To move from ${scheme}, write ` +
        'a source and use --source; see "Another database" in docs/migration.md.',
    );
  return openSource({
    url: from,
    ...(table !== undefined && { table }),
    ...(schema !== undefined && { schema }),
    ...(columns && { columns }),
  });
}

/** As the app does; before any process has reported, as the environment says. */
function encryptionFor(app: StoreFacts | undefined): { encrypt?: { write: boolean } } {
  const isUsed = hasEncryptionKeys() && (!app || app.encryption !== undefined);
  return isUsed ? { encrypt: { write: app?.encryption?.isWriting !== false } } : {};
}

function mustHaveKeysOf({ encryption }: StoreFacts, redis: RedisSessionStore): void {
  if (!encryption) return;
  const set =
    "Set the environment variable SESSION_ENCRYPTION_KEY to the keys of its option `encrypt`, with commas between them.";
  const own = repositoryOf(redis).packing.encryption;
  if (!own) throw moveRefused(`The app encrypts its sessions, and its keys are needed to read and write them. ${set}`);
  const isSame = encryption.keys.every((key) => own.keys.includes(key)) && encryption.keys.includes(own.keys[0]!);
  if (!isSame) throw moveRefused(`The app has other keys than SESSION_ENCRYPTION_KEY. ${set}`);
}

function mustMatchApp(
  app: StoreFacts | undefined,
  redis: RedisSessionStore,
  { prefix, serializer }: PlaceOptions,
): void {
  if (!app) return;
  if (prefix !== undefined && prefix !== app.prefix)
    throw moveRefused(`The app's keys begin with "${app.prefix}", but --prefix is "${prefix}". Omit --prefix.`);
  if (app.serializer === "custom" && serializer === undefined)
    throw moveRefused(
      "The app has its own serializer, which is needed to read and write its sessions in Redis. Name the module that " +
        "exports it with --serializer.",
    );
  mustHaveKeysOf(app, redis);
  if (app.serializer === "json" && serializer !== undefined)
    throw moveRefused("The app stores plain JSON and could not read what --serializer writes. Omit --serializer.");
}

async function policyOf(client: object): Promise<string | undefined> {
  try {
    const info = propertyOf(client, "info");
    const text: unknown = typeof info === "function" ? await Reflect.apply(info, client, ["memory"]) : undefined;
    return /^maxmemory_policy:(\S+)/m.exec(String(text))?.[1];
  } catch {
    return undefined; // a cluster, or a user without the right to ask
  }
}
