// The backfill in a process of its own, so that its memory can be told.
import { createClient } from "redis";
import { RedisSessionStore } from "holdfast";
import { backfill, Move, MoveControl, openSource } from "holdfast/migrate";

const [, , from, to] = process.argv;
const client = createClient({ url: to });
client.on("error", () => {});
await client.connect();
const source = await openSource({ url: from });
await source.check();
const control = new MoveControl(client);
await new Move(control).start({ withoutApp: true }); // there is no app that would follow it
let shown = 0;
const start = performance.now();
const { copied } = await backfill({
  source,
  redis: new RedisSessionStore({ client }),
  control,
  trustSource: true,
  onProgress({ read }) {
    if (read - shown < 100_000) return;
    shown = read;
    process.stderr.write(`${read} rows, ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MB\n`);
  },
});
const took = (performance.now() - start) / 1000;
process.stdout.write(JSON.stringify({ copied, took, megabytes: process.resourceUsage().maxRSS / 1024 }));
await source.close();
await client.close();
