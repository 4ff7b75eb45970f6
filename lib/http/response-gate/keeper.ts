/** What decides whether a response has to wait. The gate asks it, and reports the outcome. */
import type { ServerResponse } from "node:http";

export interface GateKeeper {
  /** Called once, when the head is about to be formed. */
  beforeHead(): Promise<void> | undefined;
  /** Called when a response ends whose head was formed earlier. */
  beforeEnd(): Promise<void> | undefined;
  /** Called when the head is sent. Returns a function that adds headers, if there are any to add. */
  onHead(): ((res: ServerResponse) => void) | undefined;
  /** The waiting response was dropped; the error has to be answered instead. Never throws. */
  onFailure(error: unknown): void;
  /** The waiting response claims no success (its status is 500 or more), so it is sent although nothing was saved. */
  onUnsaved(): void;
}

/** Asks the keeper; an error that it throws counts as a failed save. */
export function ask(keeper: GateKeeper, question: "beforeHead" | "beforeEnd"): Promise<void> | undefined {
  try {
    return keeper[question]();
  } catch (error) {
    return Promise.reject(error);
  }
}
