/**
 * Every metric: its name without the prefix, its labels and its help text. Names and units follow the conventions of
 * Prometheus. Each label has a small, closed set of values, and none is about a visitor.
 */

/** In seconds, for a Redis that is near up to one that misses every deadline. */
export const durationBuckets: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

type Make<T> = (name: string, labels: readonly string[], help: string) => T;

/** @param make makes each kind of metric */
export function instruments<C, H, G>(make: { counter: Make<C>; histogram: Make<H>; gauge: Make<G> }) {
  const { counter, histogram, gauge } = make;
  return {
    found: counter("holdfast_sessions_found_total", ["store", "source"], "Requests whose session was found."),
    missing: counter(
      "holdfast_sessions_missing_total",
      ["store"],
      "Requests with a valid cookie whose session does not exist.",
    ),
    unreadable: counter("holdfast_sessions_unreadable_total", ["store"], "Stored values that are not sessions."),
    saves: counter(
      "holdfast_session_saves_total",
      ["store", "outcome"],
      "Saves by outcome, without those that failed.",
    ),
    mergeRounds: counter(
      "holdfast_session_merge_rounds_total",
      ["store"],
      "How often a change was merged with what another request had saved.",
    ),
    touches: counter("holdfast_session_touches_total", ["store"], "Lifetimes that were refreshed."),
    destroys: counter("holdfast_session_destroys_total", ["store"], "Sessions that were destroyed."),
    failures: counter(
      "holdfast_session_failures_total",
      ["store", "operation", "code", "reason"],
      "Operations that failed.",
    ),
    operations: histogram(
      "holdfast_session_operation_duration_seconds",
      ["store", "operation"],
      "Duration of operations that asked the store, including those that failed.",
    ),
    nearCache: counter("holdfast_near_cache_lookups_total", ["store", "result"], "Lookups in the near cache."),
    commands: histogram(
      "holdfast_redis_command_duration_seconds",
      ["client", "command"],
      "Duration of Redis commands, including those that failed.",
    ),
    commandErrors: counter("holdfast_redis_command_errors_total", ["client", "command"], "Redis commands that failed."),
    inFlight: gauge("holdfast_redis_commands_in_flight", ["client"], "Redis commands that wait for their reply."),
    up: gauge("holdfast_redis_up", ["client"], "Whether Redis responds: 1, or 0 during an outage."),
    outages: counter("holdfast_redis_outages_total", ["client", "reason"], "Outages of Redis that have begun."),
    outageSeconds: counter(
      "holdfast_redis_outage_seconds_total",
      ["client", "reason"],
      "Length of the outages of Redis that have ended.",
    ),
    logins: counter("holdfast_login_events_total", ["store", "event", "reason"], "Events of localAuth()."),
    phase: gauge("holdfast_move_phase", ["store", "phase"], "The phase of the migration: 1 for the present one."),
    dial: gauge("holdfast_move_dial_ratio", ["store"], "The share of sessions whose home is Redis, from 0 to 1."),
    mirrored: counter(
      "holdfast_move_mirrored_total",
      ["store", "to", "result"],
      "Changes that were to be copied to the other store.",
    ),
    pending: gauge("holdfast_move_pending_changes", ["store"], "Changes that the other store still lacks."),
  };
}
