/** The public face of `holdfast/migrate`: moving from a database to Redis while the site is live. */
export { backfill, type BackfillOptions, type BackfillResult } from "./backfill.js";
export { defaultKey, MoveControl, type KnownProcess, type MoveRecord, type ProcessReport } from "./control.js";
export { bucketOf, homeOf, type Home, type MoveState, type Phase } from "./dial.js";
export { MigratingStore, type MigratingStoreOptions } from "./migrating-store.js";
export { Move, type MoveStatus, type StepOptions } from "./move.js";
export { rollback, type RollbackOptions } from "./rollback.js";
export { openSource, type Row, type Source, type SourceOptions } from "./sources/source.js";
export { verify, type VerifyOptions, type VerifyResult } from "./verify.js";
