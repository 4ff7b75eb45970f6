// Why a claim is not reached here, and how cost grows: only what these results call for. Pure.
import { groups } from "./bars.mjs";
import { number } from "./tables.mjs";

const reasons = {
  "writes a second over HTTP":
    "the reference counts commands of Redis. A page view also costs HTTP, Express and the session middleware, and here the load generator and the servers share the app's processors.",
  "a write on average":
    "the load is open, so the time that a write waits for its turn counts. Once more is asked for than can be served, the queue grows until the end, and waiting is nearly all of the average. One process of Holdfast's store reaches that point at a lower rate than connect-redis': a save compares what is stored with what was loaded and merges what overlaps, where connect-redis overwrites it. A queue makes saves overlap, and merging costs more.",
  "operations a second":
    "within reach of one Redis, not of one process of Node.js that parses 2.5 KB of JSON for each.",
  memory:
    "PostgreSQL compresses large values on its disk. Redis does not by itself: the allocator rounds sizes up, and key, expiry and dictionary entry come on top.",
  "100,000 sessions of 2.5 KB in 256 MB":
    "2.5 KB of JSON take more than 2.5 KB in Redis: the allocator rounds sizes up, and key, expiry and dictionary entry come on top.",
  "before: 50 visitors, sessions in the database":
    "a healthy PostgreSQL on the same machine as the app, with no network in between and no other work, does not fail that way. What can be seen here is how much longer others wait while a crowd looks at pages.",
};

/** A line of a list for each claim that is not reached as it stands. */
export function reasonsOf(claims) {
  const lines = claims.flatMap(({ claim, reached }) =>
    reached === true || reached === "yes" ? [] : [`- **${claim}**: ${reasons[claim] ?? "not reached."}`],
  );
  const slower = claims.filter(({ isBeforeOther }) => isBeforeOther).map(({ claim }) => claim);
  if (slower.length > 0)
    lines.push(
      `- **${slower.join(", ")}**: the reference's time in the database is not reproduced. This one is on the same machine, and all of its table is in memory.`,
    );
  return lines;
}

/** How much more the most costs than the least, and why that is not a straight line, if it is not. */
export function growthOf({ rows }) {
  return groups(rows, "by")
    .map(([by, each]) => sentences[by]?.(each.at(0), each.at(-1), each) ?? "")
    .filter(Boolean)
    .map((sentence) => `- ${sentence}`)
    .join("\n");
}

const sentences = {
  sessions: (least, most) =>
    `**Sessions**: with ${more(least, most)} sessions, an update costs ${ratio(least, most, "update")} times as much, and a look-up ${ratio(least, most, "get")} times. Redis finds a key by its hash, so neither should grow.`,
  "bytes of JSON": (least, most, each) =>
    `**Size**: with ${more(least, most)} bytes, an update costs ${ratio(least, most, "update")} times as much, and a look-up ${ratio(least, most, "get")} times. The text is sent, parsed, compared and sent again.${bend(each)}`,
  processes: (least, most) =>
    `**Processes**: with ${more(least, most)} processes, a page view costs ${ratio(least, most, "update")} times as much. They share the machine's cores with Redis and the load; each has caches of its own.`,
  "primaries of a cluster": (least, most) =>
    `**Primaries**: with ${more(least, most)} primaries, an update costs ${ratio(least, most, "update")} times as much. A session belongs to one of them, which needs no other for it.`,
};

const more = (least, most) => `${number(most.value / least.value)} times as many`;

function ratio(least, most, operation) {
  const times = most[operation].cpu / least[operation].cpu;
  return times < 10 ? times.toFixed(2) : number(times);
}

/** Where a look-up becomes far dearer than its size. */
function bend(each) {
  const steps = each.slice(1).map((row, index) => ({
    from: each[index],
    to: row,
    isSteep: row.get.cpu / each[index].get.cpu > (2 * row.value) / each[index].value,
  }));
  const steep = steps
    .filter(({ isSteep }) => isSteep)
    .map(({ from, to }) => `${number(from.value)} and ${number(to.value)}`);
  if (steep.length === 0) return "";
  return ` Between ${steep.join(", ")} bytes a look-up grows by far more than the size: a process remembers the texts that it has read last, but none above 40,000 characters, so that it has to parse those each time.`;
}
