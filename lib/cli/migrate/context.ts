/** What a step works with: both stores, the state of the move, and somewhere to speak. */
import { MoveControl, openSource, Move, type Source } from "../../migrate/index.js";
import { connectToRedis } from "../../redis/index.js";
import { RedisSessionStore } from "../../store/index.js";
import { commandFor, type Given } from "../command-line.js";
import { UsageError } from "../failure.js";
import type { Output } from "../output.js";
import { showProgress, type Progress } from "../progress/progress.js";
import { parseColumns, type PlaceOptions } from "./places.js";

export interface Context {
  readonly control: MoveControl;
  readonly move: Move;
  readonly redis: RedisSessionStore;
  /** `Redis at redis://127.0.0.1:6379, keys sess:*` */
  readonly redisName: string;
  readonly hasSource: boolean;
  readonly signal: AbortSignal;
  /** Opens the legacy store and checks it. @throws HoldfastError, UsageError when none is named */
  source(): Promise<Source>;
  say(line: string): void;
  /** The command for a step, with the options that this one was given. */
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
  const { from, prefix = "sess:", key } = options;
  const columns = options.columns === undefined ? undefined : parseColumns(options.columns);
  const connection = connectToRedis(options.redis === undefined ? {} : { url: options.redis });
  const opened: Source[] = [];
  const close = async () => {
    await Promise.allSettled([...opened.map((source) => source.close()), connection.close()]);
  };
  try {
    await connection.ready();
    const control = new MoveControl(connection.client as never, key === undefined ? {} : { key });
    return {
      control,
      move: new Move(control),
      redis: new RedisSessionStore({ client: connection.client, prefix, scanCount: 1000 }),
      redisName: `Redis at ${connection.address}, keys ${prefix}*`,
      hasSource: Boolean(from),
      signal,
      close,
      async source() {
        if (!from) throw new UsageError("The database to move from is not named; use --from or HOLDFAST_FROM.");
        const { table, schema } = options;
        const source = await openSource({
          url: from,
          ...(table !== undefined && { table }),
          ...(schema !== undefined && { schema }),
          ...(columns && { columns }),
        });
        opened.push(source);
        await source.check();
        return source;
      },
      say: (line) => output.say(line),
      command: (step) => commandFor(step, given),
      progress: (readBefore = 0) =>
        showProgress({ terminal: output.terminal, say: (line) => output.say(line) }, readBefore),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
