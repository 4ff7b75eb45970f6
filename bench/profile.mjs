// node bench/profile.mjs <file.cpuprofile>: where an app process spent its time, by package and by function.
// Shares of the time in which it did something. `npm run bench:store -- --only=json --cpu-prof=<folder>` writes the files.
import { readFileSync } from "node:fs";
import { commandLine, existingFile } from "../scripts/command-line.mjs";

const { args } = commandLine("node bench/profile.mjs", "Where an app process spent its time.")
  .argument("<file>", "a .cpuprofile, as npm run bench:store -- --cpu-prof writes it", existingFile)
  .parse();
const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(args[0], "utf8"));
const frames = new Map(nodes.map((node) => [node.id, node.callFrame]));
const times = new Map();
for (const [index, id] of samples.entries()) times.set(id, (times.get(id) ?? 0) + timeDeltas[index]);
for (const [id, { functionName }] of frames) if (functionName === "(idle)") times.delete(id);
const busy = [...times.values()].reduce((sum, time) => sum + time, 0);

print("by package", packageOf, 30);
print("by function", (frame) => `${packageOf(frame)} ${frame.functionName}:${frame.lineNumber + 1}`, 60);

function packageOf({ url, functionName }) {
  const installed = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url);
  if (installed) return installed[1];
  const own = /\/(?:dist|bench)\/(.*)$/.exec(url);
  return own ? `holdfast/${own[1]}` : url || functionName;
}

function print(title, nameOf, limit) {
  const byName = new Map();
  for (const [id, time] of times) {
    const name = nameOf(frames.get(id));
    byName.set(name, (byName.get(name) ?? 0) + time);
  }
  const sorted = [...byName].toSorted((a, b) => b[1] - a[1]).slice(0, limit);
  const lines = sorted.map(([name, time]) => `${((100 * time) / busy).toFixed(1).padStart(5)} %  ${name}`);
  process.stdout.write(`\n${title}\n${lines.join("\n")}\n`);
}
