/**
 * What the gate does next: every state with every event, as a table. Pure; `gate.ts` carries out the effects. The same
 * table is in docs/life-of-a-request.md, and a test compares the two.
 */

export type State =
  /** Nothing has been written yet. */
  | "closed"
  /** The response has started and waits for a save; the app may write more. */
  | "holding"
  /** As holding, but its end waits too. Once the save is done, the keeper is asked about the end. */
  | "complete"
  /** An end waits for the save that the keeper started for it. */
  | "ending"
  /** The response is being sent. */
  | "open"
  /** The end of the response is being sent. */
  | "ended"
  /** The waiting calls were dropped; the error is answered past the gate. */
  | "dropped";

/** A call of a method of the response. */
export type Method = "writeHead" | "write" | "end" | "flushHeaders" | "flush";

export type Event =
  | Method
  /** The keeper was asked and has started a save, so the call that caused this has to wait. */
  | "saving"
  | "saved"
  /** The save failed, and what waits looks like a success, or its head has been sent. */
  | "failed"
  /** The save failed, and what waits is an error itself. */
  | "failedUnderError"
  /** What was released cannot be sent: a header with a line break, say. */
  | "broken";

type Effect =
  /** Ask the keeper before the head. If it starts a save: `saving`; otherwise pass the call on. */
  | "askHead"
  /** Ask the keeper before the end, likewise. */
  | "askEnd"
  /** Pass the call on to the response. */
  | "pass"
  /** Make the response look as if its head had been sent, and queue the call. */
  | "hold"
  | "queue"
  /** Throw, as Node.js does once the head has been sent. */
  | "refuse"
  | "ignore"
  /** Make the calls in the queue. */
  | "release"
  /** Tell the keeper that nothing was saved, then make the calls in the queue. */
  | "releaseUnsaved"
  /** Drop the queue and have the error answered. */
  | "drop";

export interface Step {
  readonly state: State;
  readonly effect: Effect;
}

/** The next state, and what to do. The steps are created once, so that a call allocates no object. */
export function next(state: State, event: Event): Step {
  return table[state][event];
}

function step(effect: Effect, state: State): Step {
  return { state, effect };
}

/** No save is in progress. */
function unasked(state: State) {
  const ignore = step("ignore", state);
  return { saving: ignore, saved: ignore, failed: ignore, failedUnderError: ignore, broken: ignore };
}

/** Every call goes through. If the keeper starts a save for a call, that call waits in the state `held`. */
function passes(state: State, held: State) {
  const pass = step("pass", state);
  return {
    writeHead: pass,
    write: pass,
    end: pass,
    flushHeaders: pass,
    flush: pass,
    saving: step("hold", held),
    // A second save, if the app's code wrote while the keeper was asked (in a `toJSON`, say).
    saved: step("release", state),
    failed: step("drop", "dropped"),
    failedUnderError: step("releaseUnsaved", "ended"),
    broken: step("drop", "dropped"),
  };
}

/** Calls wait until the save is done; then they are released, and the state is `then`. */
function waits(state: State, then: State, more: Step) {
  return {
    writeHead: step("refuse", state),
    write: more,
    end: more,
    flushHeaders: more,
    flush: more,
    saving: step("ignore", state),
    saved: step("release", then),
    failed: step("drop", "dropped"),
    failedUnderError: step("releaseUnsaved", "ended"),
    broken: step("drop", "dropped"),
  };
}

const ignored = step("ignore", "dropped");

const table: Readonly<Record<State, Readonly<Record<Event, Step>>>> = {
  closed: {
    ...unasked("closed"),
    writeHead: step("askHead", "open"),
    write: step("askHead", "open"),
    end: step("askHead", "ended"),
    flushHeaders: step("askHead", "open"),
    flush: step("pass", "closed"), // it sends only what has passed the gate
  },
  holding: {
    ...waits("holding", "open", step("queue", "holding")),
    end: step("queue", "complete"),
  },
  complete: waits("complete", "open", step("ignore", "complete")),
  ending: waits("ending", "ended", step("ignore", "ending")),
  open: { ...passes("open", "holding"), end: step("askEnd", "ended") },
  ended: passes("ended", "ending"),
  dropped: {
    ...unasked("dropped"),
    // A layer behind the gate may still hold a part of the dropped response.
    writeHead: ignored,
    write: ignored,
    end: ignored,
    flushHeaders: ignored,
    flush: step("pass", "dropped"),
  },
};
