/**
 * What happens inside, told on `node:diagnostics_channel`. docs/signals.md lists the channels for apps.
 *
 * No payload contains a session id: `session` is a short hash of it, computed only when somebody reads it.
 */
import type { CommandSignal, OutageBegun, OutageEnded } from "./redis-payloads.js";
import type { MirrorSignal, MoveChanged, MoveFollowed } from "./move-payloads.js";
import type { LoginSignal } from "./login-payloads.js";
import type { OperatorSignal } from "./operator-payload.js";
import type { FailedSignal, FoundSignal, SavedSignal, SessionSignal, TimedSignal } from "./session-payloads.js";
import { Signal } from "./signal.js";

const session = {
  /** The session of a request was found. */
  found: new Signal<FoundSignal>("holdfast:session:found"),
  /** The cookie is valid, but there is no such session: it expired, was destroyed, or was evicted. */
  missing: new Signal<TimedSignal>("holdfast:session:missing"),
  /** What the store holds is not a session. */
  unreadable: new Signal<SessionSignal>("holdfast:session:unreadable"),
  /** A change was written. */
  saved: new Signal<SavedSignal>("holdfast:session:saved"),
  /** A change was written, merged with changes that other requests had saved meanwhile. Sent before `saved`. */
  merged: new Signal<SavedSignal>("holdfast:session:merged"),
  /** There was nothing to write. */
  unchanged: new Signal<TimedSignal>("holdfast:session:unchanged"),
  /** Nothing was written, because the session had ended meanwhile: it was not brought back. */
  gone: new Signal<TimedSignal>("holdfast:session:gone"),
  /** The lifetime was refreshed. */
  touched: new Signal<TimedSignal>("holdfast:session:touched"),
  destroyed: new Signal<TimedSignal>("holdfast:session:destroyed"),
  /** A save was refused because the session is larger than `maxBytes`. */
  tooLarge: new Signal<FailedSignal>("holdfast:session:too-large"),
  /** Any other failure. */
  failed: new Signal<FailedSignal>("holdfast:session:failed"),
};

const redis = {
  /** The reply to a command has arrived, or it has failed. */
  command: new Signal<CommandSignal>("holdfast:redis:command"),
  /** Redis stopped answering, or the connection was lost. */
  unavailable: new Signal<OutageBegun>("holdfast:redis:unavailable"),
  /** Redis is back. */
  available: new Signal<OutageEnded>("holdfast:redis:available"),
};

const move = {
  /** A step of a move has changed its state. Sent in the process that takes the step. */
  changed: new Signal<MoveChanged>("holdfast:move:changed"),
  /** This process of the app follows a new state of the move. */
  followed: new Signal<MoveFollowed>("holdfast:move:followed"),
  /** A change was copied to the store that is not the session's home, or could not be. */
  mirrored: new Signal<MirrorSignal>("holdfast:move:mirrored"),
};

/** Every event of `localAuth().events`. */
const login = new Signal<LoginSignal>("holdfast:login");

/** An operator has done something in the console, or tried to. */
const operator = new Signal<OperatorSignal>("holdfast:operator");

export const signals = { session, redis, move, login, operator };
