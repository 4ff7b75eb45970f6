// A process of an app with a pulse, that has found as many sessions as it is told. Uses the package as built.
import { channel } from "node:diagnostics_channel";
import { redisSession } from "holdfast";
import { pulse } from "holdfast/ops";

const [url, found, version] = process.argv.slice(2);
const sessions = redisSession({ url, secret: "a secret for tests, long enough not to be warned of" });
await sessions.ready();
const { id } = pulse(sessions, { interval: 1000, version });
const { store } = sessions;
for (let n = 0; n < Number(found); n++)
  channel("holdfast:session:found").publish({ store, duration: 2, from: "store" });
process.on("message", async () => {
  await sessions.close();
  process.disconnect(); // it ends if nothing else keeps it
});
process.send(id);
