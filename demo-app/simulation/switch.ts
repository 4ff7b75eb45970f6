/** How many there are, if there are any. */
export const simulatedVisitors = 20;

/** Whether there are simulated visitors. */
export interface SimulationSwitch {
  readonly isOn: boolean;
  /** Resolves when it has been done. */
  turn(isOn: boolean): Promise<void>;
}

/** From a worker, an order; from the primary, what is the case. */
export interface SimulationMessage {
  readonly simulation: boolean;
}

export function isSimulationMessage(message: unknown): message is SimulationMessage {
  return typeof message === "object" && message !== null && "simulation" in message;
}
