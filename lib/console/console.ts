/** `console()`: connects the parts, and decides which of them answers. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { setupInvalid } from "../errors/index.js";
import { operatorAdmin } from "../ops/sessions/session-admin.js";
import { standInPulse } from "../ops/pulse/pulse.js";
import { targetOf } from "../ops/target.js";
import { defaultKey, MigratingStore, Move, MoveControl } from "../migrate/index.js";
import { MoveWatcher } from "./move/facts.js";
import { Jobs } from "./move/jobs.js";
import { respond, type Parts } from "./respond.js";
import { checkOptions, type ConsoleOptions } from "./options.js";
import { Collector } from "./now/collector.js";
import { SessionCounter } from "./now/session-counter.js";
import { Examiner } from "./redis/examiner.js";
import { Actions } from "./sessions/actions.js";

/** A request handler for Express and Connect, to be mounted under a path. */
export interface Console {
  (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void): void;
  /**
   * Ends the pulse of this process, the open pages and, where it can be continued, a step of a migration. Never rejects.
   *
   * @example
   * import { console as operatorConsole } from "holdfast/console";
   *
   * const operatorPages = operatorConsole({ sessions });
   * process.once("SIGTERM", () => operatorPages.close());
   */
  close(): Promise<void>;
}

/**
 * Pages for operators: whether all is well, live, for all processes; the sessions, to find, show and end them; the
 * doctor's findings about Redis. Mount it in every process, since it leaves the pulse of the process it runs in. It needs
 * no body parser, and no session of its own.
 *
 * @throws HoldfastError `HOLDFAST_OPTION_INVALID`; without `authorize` with `NODE_ENV=production`, too
 *
 * @example
 * import { console as operatorConsole } from "holdfast/console";
 *
 * app.use("/ops", operatorConsole({ sessions, authorize: (req) => req.user?.username === "ada" }));
 */
export function createConsole(options: ConsoleOptions): Console {
  checkOptions(options);
  const { sessions, authorize, auth, authPrefix = "", userKey, pulseKey, title = "Sessions" } = options;
  const { source, moveKey = defaultKey } = options;
  const { store, redis } = targetOf(sessions);
  if (!redis)
    throw setupInvalid("The console needs sessions in Redis: redisSession(), RedisSessionStore or MigratingStore.");
  const { client, prefix } = redis;
  const stopped = new AbortController();
  const admin = operatorAdmin(sessions, { authPrefix, userKey });
  const isMoving = () => store instanceof MigratingStore && store.state.phase !== "finished";
  const collector = new Collector(client, pulseKey);
  const running = standInPulse(sessions, { interval: 2000, key: pulseKey });
  const counter = new SessionCounter((signal) => admin.count({ signal }), stopped.signal);
  const actions = new Actions(admin, auth, store, isMoving);
  const parts: Parts = {
    app: title,
    prefix,
    admin,
    authorize,
    collector,
    counter,
    examiner: new Examiner(client, { prefix, authPrefix, moveKey }),
    actions,
    move: store instanceof MigratingStore ? moveOf(store) : undefined,
    stopped: stopped.signal,
  };
  function moveOf({ redis }: MigratingStore): Parts["move"] {
    const control = new MoveControl(client, { key: moveKey });
    const move = new Move(control);
    const jobs = new Jobs(client, moveKey, stopped.signal);
    const inLegacy = source && new SessionCounter(() => source.count(), stopped.signal);
    const watcher = new MoveWatcher({ move, jobs, source, inLegacy, inRedis: counter });
    const operator = source && { move, control, redis, source };
    return { watcher, jobs, operator, tell: (about, work) => actions.tell(about, work) };
  }

  const handle = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => {
    respond(req, res, parts).catch((error: unknown) => (res.headersSent ? res.destroy() : next(error)));
  };
  return Object.assign(handle, {
    async close() {
      stopped.abort();
      collector.stop();
      await parts.move?.jobs.settled();
      await running?.stop();
    },
  });
}
