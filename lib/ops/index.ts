/** The public API of `holdfast/ops`: what happens, how it is counted, whether all is well, and which sessions there are. */
export { health, type Health, type HealthOptions, type HealthReport } from "./health/health.js";
export { metrics, type Metrics, type MetricsOptions } from "./metrics/metrics.js";
export type { MetricsRegister } from "./metrics/prom-client.js";
export { pulse, type PulseOptions, type RunningPulse } from "./pulse/pulse.js";
export type { Pulse, PulseCounts, PulseRedis, PulseSum, PulseTimes } from "./pulse/pulse-types.js";
export { readPulses, type Pulses } from "./pulse/read-pulses.js";
export type { Device, UserId } from "../auth/index.js";
export type { EndedUser } from "./sessions/end-sessions.js";
export type { ProgressOptions } from "./sessions/progress-options.js";
export type { ExportedSession, ImportResult } from "./sessions/session-export.js";
export type { ClearOptions, SessionAdmin, ShownSession } from "./sessions/session-admin-contract.js";
export { sessionAdmin, type SessionAdminOptions } from "./sessions/session-admin.js";
export type { SessionFilter, SessionSummary } from "./sessions/summaries.js";
export type { Observable } from "./target.js";
export { doctor, type DoctorOptions } from "./doctor/doctor.js";
export type { CheckId, Finding, Level } from "./doctor/finding.js";
export type { Feature } from "./doctor/rights.js";
export { type LoginSignal, onSignal, type Signals } from "./on-signal.js";
export type {
  CommandSignal,
  FailedSignal,
  FoundSignal,
  MirrorSignal,
  MoveChanged,
  MoveFollowed,
  MovePhase,
  Operation,
  OperatorSignal,
  OutageBegun,
  OutageEnded,
  OutageReason,
  RedisSignal,
  SavedSignal,
  SessionSignal,
  TimedSignal,
} from "../signals/index.js";
