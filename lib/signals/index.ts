/** What happens inside, for whoever listens: typed channels of `node:diagnostics_channel`. */
export { MirrorSignal, type MoveChanged, type MoveFollowed, type MovePhase } from "./move-payloads.js";
export type { OperatorSignal } from "./operator-payload.js";
export type { CommandSignal, OutageBegun, OutageEnded, OutageReason, RedisSignal } from "./redis-payloads.js";
export {
  FailedSignal,
  FoundSignal,
  type Operation,
  SavedSignal,
  SessionSignal,
  TimedSignal,
} from "./session-payloads.js";
export { Signal } from "./signal.js";
export { signals } from "./signals.js";
