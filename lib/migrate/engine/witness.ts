/**
 * Shows which table this process's legacy store uses: it keeps a marker there, and answers what the command asks. The
 * marker also holds the phase of the move, in case Redis loses it.
 */
import { propertyOf } from "../../errors/index.js";
import { asSession, newCookie } from "../../session/index.js";
import type { Phase } from "../state/dial.js";
import type { LegacyStore } from "./legacy-store.js";
import type { Answer, Ask } from "../state/move-record.js";

/** Milliseconds: a year. A command that needs the marker later asks for a new one. */
const lifetime = 365 * 86_400_000;

export interface Marker {
  readonly phase: Phase;
  /** The id of the ask in response to which it was written. */
  readonly ask: string;
}

/** The marker in what was read from a legacy store; undefined if that is an ordinary session. */
export function markerIn(data: unknown): Marker | undefined {
  const marker = propertyOf(data, "holdfastMove");
  return isMarker(marker) ? marker : undefined;
}

/** Only processes of this package write under that name. */
function isMarker(value: unknown): value is Marker {
  return typeof value === "object" && value !== null;
}

export class Witness {
  readonly #legacy: LegacyStore;
  readonly #markerId: string;
  /** Writes run one after the other, so that the last one wins. */
  #lastWrite: Promise<unknown> = Promise.resolve();
  #answer: Answer | undefined;
  #lastAsk = "";

  constructor(legacy: LegacyStore, markerId: string) {
    this.#legacy = legacy;
    this.#markerId = markerId;
  }

  get answer(): Answer | undefined {
    return this.#answer;
  }

  /** Carries out an ask; resolves when `answer` is ready, at once for the ask that was handled last. */
  async hear(ask: Ask, phase: Phase): Promise<void> {
    if (this.#lastAsk === ask.id) return;
    this.#lastAsk = ask.id;
    const found: string[] = [];
    let isDone = true;
    try {
      if (ask.mark) await this.#mark({ phase, ask: ask.id });
      for (const sid of ask.read ?? []) if (await this.#legacy.get(sid)) found.push(sid);
    } catch {
      isDone = false;
    }
    if (this.#lastAsk === ask.id) this.#answer = { ask: ask.id, isDone, found };
  }

  /** Updates the marker for a new phase. A failure is ignored: a command that needs the marker asks for it. */
  note(phase: Phase): Promise<void> {
    const written =
      phase === "off" ? this.#inTurn(() => this.#legacy.destroy(this.#markerId)) : this.#mark({ phase, ask: "" });
    return written.catch(() => {});
  }

  /** The phase of the move according to the legacy store. @throws HoldfastError if the store fails */
  async recall(): Promise<Phase> {
    return markerIn(await this.#legacy.get(this.#markerId))?.phase ?? "off";
  }

  #mark(marker: Marker): Promise<void> {
    const cookie = newCookie({ maxAge: lifetime });
    const session = asSession({ cookie, holdfastMove: marker });
    return this.#inTurn(() => this.#legacy.set(this.#markerId, session));
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#lastWrite.then(work, work);
    this.#lastWrite = done.catch(() => {});
    return done;
  }

  /** Resolves when all writes have settled. */
  async settled(): Promise<void> {
    await this.#lastWrite;
  }
}
