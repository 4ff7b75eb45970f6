/** What a worker asks of the primary process, and what it hears back. */

/** The embedded Redis belongs to the primary, so only that can freeze or restart it. */
export type RedisOrder = "freeze-redis" | "restart-redis";

export type Order = "restart-workers" | RedisOrder;

/** The answer to an order. */
export interface Outcome {
  readonly order: Order;
  readonly isDone: boolean;
}

/** What a worker sends: `hears` says that from now on no message to it is lost. */
export type FromWorker = Order | "hears";

export type ToWorker = Outcome | "leave";

/** How long a frozen Redis does not answer, in seconds. */
export const frozenFor = 5;
