/** The app's client, whatever library it is from: recognized by its shape, spoken to in one way. */
export type { ClientAdapter, Connection, Server, ServingConnection, Subscriber } from "./adapter.js";
export { adapterOf, checkClient } from "./adapter-of.js";
export { keySlot } from "./key-slot.js";
export { scanStepIn, SentCommands } from "./sent-commands.js";
export { ClusterRecovery } from "./node-redis-recovery.js";
