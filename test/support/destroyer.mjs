// Another process, on plain connect-redis, that destroys the sessions it is told to.
import { RedisStore } from "connect-redis";
import { createClient } from "redis";

const client = createClient({ url: process.argv[2] });
client.on("error", () => {});
await client.connect();
const store = new RedisStore({ client });
process.on("message", async (sid) => {
  await store.destroy(sid);
  process.send(sid);
});
process.on("disconnect", () => process.exit(0));
process.send("ready");
