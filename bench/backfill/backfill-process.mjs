// The backfill in a process of its own, so that its memory and its processor time can be told.
import { createClient } from "redis";
import { RedisSessionStore } from "holdfast";
import { backfill, Move, MoveControl, openSource } from "holdfast/migrate";
import { startProfile, stopProfile } from "../store/profiler.mjs";

const [, , from, to, profileFile] = process.argv;
const client = createClient({ url: to });
client.on("error", () => {});
await client.connect();
const source = await openSource({ url: from });
await source.check();
const control = new MoveControl(client);
await new Move(control).start({ withoutApp: true });
const parts = { source, redis: new RedisSessionStore({ client }), control, trustSource: true }; // no app could prove it
const step = 100_000;
const memory = [];
if (profileFile) await startProfile();
const [start, before] = [performance.now(), process.cpuUsage()];
const { copied } = await backfill({
  ...parts,
  onProgress({ read }) {
    if (read >= step * (memory.length + 1)) memory.push(process.memoryUsage.rss());
  },
});
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(before);
if (profileFile) await stopProfile({ file: profileFile, requests: copied });
const most = process.resourceUsage().maxRSS * 1024;
process.stdout.write(
  JSON.stringify({ copied, seconds, cpu: user + system, memory: { every: step, at: memory, most } }),
);
await source.close();
await client.close();
