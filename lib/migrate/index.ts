/**
 * The public API of `holdfast/migrate`: moving sessions from a database to Redis while the site is live.
 *
 * - `state`: the state of the move, as stored in Redis, and which store a session is in
 * - `engine`: what each process of the app does during the move; both stores as one repository
 * - `sources`: the sessions table that the command reads and writes
 * - `steps`: what the command does: start, backfill, verify, turn the dial, finish, roll back
 *
 * `sources` and `engine` know `state` and not each other; `steps` knows all three.
 */
export type { Callback as MoveCallback, SessionRequest as StoreRequest } from "../express-session/index.js";
export { backfill, type BackfillOptions, type BackfillResult } from "./steps/backfill.js";
export { defaultKey, MoveControl } from "./state/control.js";
export type { Action as RepairAction } from "./steps/judge.js";
export type {
  Answer as ProcessAnswer,
  Ask as ProcessQuestion,
  BackfillMark,
  KnownProcess,
  MoveRecord,
  ProcessReport,
  StoreFacts,
} from "./state/move-record.js";
export { bucketOf, homeOf, type Home, type MoveState, type Phase } from "./state/dial.js";
export { MigratingStore, type MigratingStoreOptions } from "./engine/migrating-store.js";
export { Move, type MoveStatus, type StartOptions, type StepOptions } from "./steps/move.js";
export { type ProofParts, proveSource, proveWayBack } from "./steps/proof.js";
export type { Plan } from "./steps/repair.js";
export { rollback, type RollbackOptions } from "./steps/rollback.js";
export {
  openSource,
  proveTimes,
  proveWritable,
  type Row,
  type RowLeft,
  type Source,
  type SourceOptions,
} from "./sources/source.js";
export { verify, type VerifyOptions, type VerifyResult } from "./steps/verify.js";
