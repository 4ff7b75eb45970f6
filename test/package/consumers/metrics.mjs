// Prints the metrics after a look for a session, or why there are none.
import { MemoryStore, redisSession } from "holdfast";
import { metrics } from "holdfast/ops";

const sessions = redisSession({ store: new MemoryStore(), secret: "of a test, long enough to be one" });
try {
  const { register } = await metrics(sessions);
  const { channel } = await import("node:diagnostics_channel");
  channel("holdfast:session:missing").publish({ store: sessions.store, duration: 1 });
  console.log(await register.metrics());
} catch (error) {
  console.log(error.code, error.message);
}
