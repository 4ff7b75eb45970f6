/** The app's client, whatever library it is from: recognized by its shape, spoken to in one way. */
export type {
  AnnouncementListener,
  Announcer,
  Broadcaster,
  ClientAdapter,
  Connection,
  Receiver,
  Server,
} from "./adapter.js";
export { adapterOf, checkClient } from "./adapter-of.js";
export { keySlot } from "./key-slot.js";
