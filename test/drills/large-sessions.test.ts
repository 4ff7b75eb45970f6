/** Three hundred sessions of a megabyte are backfilled and verified in bounded memory. Alone: other work delays the GC. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { useRedis } from "../support/servers/use-redis.js";
import { buildCommand, runCommand } from "../cli/command.js";
import { openSite, type MovingSite } from "../cli/moving-site.js";

const count = 300;
const size = 1_000_000;
/** Megabytes of the command at its largest: 160, of which 120 are Node.js and the code. */
const most = 230;

/**
 * The command tells at its end how large it was. With a small heap, because in a large one the garbage collector takes its
 * time, and the size says how busy the machine is: 290 to 400.
 */
const told = `process.on("exit", () => process.stderr.write("peak " + process.resourceUsage().maxRSS / 1024 + " MB"))`;
const env = { NODE_OPTIONS: `--max-old-space-size=64 --import=data:text/javascript,${encodeURIComponent(told)}` };

const server = useRedis();
let site: MovingSite;
beforeAll(async () => {
  await buildCommand();
  site = await openSite(server);
}, 120_000);
afterAll(async () => {
  await site.close();
});

it("large sessions are copied and compared in bounded memory, without loss", { timeout: 240_000 }, async () => {
  const row = site.file.prepare("INSERT INTO sessions (sid, sess, expire) VALUES (?, ?, ?)");
  const expire = new Date(Date.now() + 3_600_000).toISOString();
  for (let n = 0; n < count; n++) {
    const text = String(n).padEnd(size, "abcdefghij");
    row.run(`large-${n}`, JSON.stringify({ cookie: { originalMaxAge: 3_600_000 }, text }), expire);
  }
  const peaks: Record<string, number> = {};
  for (const step of ["start", "backfill", "verify", "set 100", "verify"]) {
    const args = ["migrate", ...step.split(" "), "--redis", server.url, "--from", site.from, "--json"];
    const { code, stdout, stderr } = await runCommand(args, env);
    expect({ step, code, stderr }).toMatchObject({ step, code: 0 });
    if (step === "backfill") expect(JSON.parse(stdout)).toMatchObject({ copied: count, isComplete: true });
    if (step === "verify") expect(JSON.parse(stdout)).toMatchObject({ same: count, left: 0, noted: true });
    peaks[step] = Number(/peak ([\d.]+) MB/.exec(stderr)![1]);
  }
  expect(await site.redis.length()).toBe(count);
  for (const n of [0, 137, count - 1])
    expect((await site.redis.get(`large-${n}`))?.["text" as never]).toBe(String(n).padEnd(size, "abcdefghij"));
  expect(Math.max(...Object.values(peaks))).toBeLessThan(most);
});
