import * as promClient from "prom-client";
import { channel } from "node:diagnostics_channel";
import { MemoryStore, redisSession } from "holdfast";
import { metrics } from "holdfast/ops";

async function main() {
  const sessions = redisSession({ store: new MemoryStore(), secret: "of a test, long enough to be one" });
  console.log(await metrics(sessions).catch(({ code }) => code));
  const { register } = await metrics(sessions, { promClient });
  channel("holdfast:session:missing").publish({ store: sessions.store, duration: 1 });
  console.log(await register.metrics());
}

void main();
