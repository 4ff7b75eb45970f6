/** Metrics for Prometheus, from the signals of one store, its Redis client and its logins. */
import { optionInvalid } from "../../errors/index.js";
import { repositoryOf } from "../../express-session/index.js";
import { MigratingStore } from "../../migrate/index.js";
import { targetOf, type Observable } from "../target.js";
import { Board } from "./board.js";
import { countLogins } from "./count-logins.js";
import { countMove } from "./count-move.js";
import { countRedis } from "./count-redis.js";
import { countSessions } from "./count-sessions.js";
import { promClientOf, type MetricsRegister } from "./prom-client.js";

export interface MetricsOptions {
  /**
   * The `Registry` of `prom-client` that gets the metrics.
   *
   * @default the library's own, `promClient.register`
   */
  register?: MetricsRegister | undefined;
  /**
   * Text before the name of each metric, such as `shop_` for `shop_holdfast_sessions_found_total`.
   *
   * @default ""
   */
  prefix?: string | undefined;
  /**
   * The value of the label `store`, to tell several middlewares apart. If another one in this register has it, a number
   * is added: `sessions-2`.
   *
   * @default "sessions"
   */
  name?: string | undefined;
  /** The `localAuth()` whose events are counted. @default none */
  auth?: { readonly events: object } | undefined;
  /**
   * The module `prom-client`; only needed in an app that is bundled together with it.
   *
   * @default the installed one, loaded when `metrics()` is called
   * @example
   * import * as promClient from "prom-client";
   * await metrics(sessions, { promClient });
   */
  promClient?: object | undefined;
}

export interface Metrics<R extends MetricsRegister = MetricsRegister> {
  /** The register with the metrics. */
  readonly register: R;
  /**
   * Ends the counting. Counters keep their values, gauges have none any more.
   *
   * @example
   * const { stop } = await metrics(sessions);
   * process.once("SIGTERM", stop);
   */
  stop(): void;
}

/**
 * Counts what happens to the sessions of this middleware, or of `{ store }`, in metrics of `prom-client`, which the app
 * has to install. docs/monitoring.md lists the metrics. If it is called again for the same store and register, each
 * event is still counted once.
 *
 * @throws HoldfastError `HOLDFAST_PROM_CLIENT_MISSING`, `HOLDFAST_OPTION_INVALID`
 *
 * @example
 * const { register } = await metrics(sessions, { auth });
 * app.get("/metrics", async (req, res) => {
 *   res.type(register.contentType).send(await register.metrics());
 * });
 */
export function metrics<R extends MetricsRegister>(
  sessions: Observable,
  options: MetricsOptions & { register: R },
): Promise<Metrics<R>>;
/** In the library's own register. */
export function metrics(sessions: Observable, options?: MetricsOptions): Promise<Metrics>;
export async function metrics(
  sessions: Observable,
  { auth, name = "sessions", prefix = "", promClient, register: given }: MetricsOptions = {},
): Promise<Metrics> {
  const { store, redis } = targetOf(sessions);
  if (typeof prefix !== "string" || !/^(?!\d)\w*$/.test(prefix))
    throw optionInvalid("`prefix` must consist of letters, digits and underscores, and begin with no digit");
  if (typeof name !== "string" || name === "") throw optionInvalid("`name` must be a text");
  if (auth !== undefined && typeof Object(auth)["events"] !== "object")
    throw optionInvalid("`auth` must be what localAuth() returned");
  const library = await promClientOf(promClient);
  const register = given ?? library.register;
  const board = Board.of(library, register, prefix);

  const hasNearCache = redis !== undefined && repositoryOf(redis).hasNearCache;
  const counted = board.stores.count(store, name, (label) => {
    const stops = [countSessions(board.metrics, { stores: [store, redis], hasNearCache }, label)];
    if (store instanceof MigratingStore) stops.push(countMove(board.metrics, store, label));
    return () => stops.forEach((stop) => stop());
  });
  const all = [counted];
  const { client } = redis ?? {};
  if (client) all.push(board.clients.count(client, counted.label, (label) => countRedis(board.metrics, client, label)));
  if (auth)
    all.push(board.logins.count(auth.events, counted.label, (label) => countLogins(board.metrics, auth.events, label)));
  return { register, stop: () => all.forEach(({ stop }) => stop()) };
}
