// The tables of docs/plan.md, made from bench/results/plan.json. Pure.

const layouts = ["json", "hash"];
const number = (value) => value.toLocaleString("en-US");
const figure = ({ median, low, high }) => `${number(median)} (${number(low)} – ${number(high)})`;

/** The page, with each table between its marks replaced. */
export function withTables(page, measured) {
  let text = page;
  for (const [name, lines] of Object.entries(tablesOf(measured))) {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
    if (!text.includes(begin) || !text.includes(end)) throw new Error(`docs/plan.md has no place for "${name}"`);
    const [before, rest] = text.split(begin);
    const [, after] = rest.split(end);
    text = `${before}${begin}\n\n${lines.join("\n")}\n\n${end}${after}`;
  }
  return text;
}

export function tablesOf(measured) {
  const { machine, method } = measured;
  const rows = layouts.flatMap((layout) =>
    measured.sizes.map((size) => ({ layout, bytes: size.bytes, ...size[layout] })),
  );
  const named = ({ layout, bytes }) => [`\`${layout}\``, number(bytes)];
  return {
    machine: [
      `Measured on ${machine.date}: ${machine.processor}, ${machine.cores} cores, Node.js ${machine.node}, ` +
        `${machine.redis}; ${method.slices} slices of ${method.requestsPerSlice} requests for each figure, over ` +
        `${method.connections} connections.`,
    ],
    memory: table(
      ["layout", "bytes of JSON", "bytes in Redis", "sessions in 256 MiB, all of it used"],
      rows.map((row) => [...named(row), number(row.memoryBytes), number(fitting(row.memoryBytes, measured))]),
    ),
    redis: table(
      [
        "layout",
        "bytes of JSON",
        "µs a read",
        "µs a write",
        "µs a write, near cache",
        "reads/s of a core",
        "writes/s of a core",
      ],
      rows.map((row) => [
        ...named(row),
        ...[row.read, row.write, row.nearWrite].map((cost) => figure(cost.redisMicroseconds)),
        ...[row.read, row.write].map((cost) => number(Math.round(1e6 / cost.redisMicroseconds.median))),
      ]),
    ),
    wire: table(
      ["layout", "bytes of JSON", "read: to Redis", "from Redis", "write: to Redis", "from Redis", "to each replica"],
      rows.map(({ read, write, ...row }) => [
        ...named(row),
        ...[read.bytesIn, read.bytesOut, write.bytesIn, write.bytesOut, write.bytesReplicated].map(({ median }) =>
          number(Math.round(median)),
        ),
      ]),
    ),
    app: table(
      ["layout", "bytes of JSON", "µs a read", "µs a write", "µs a read from the near cache", "µs a write, near cache"],
      rows.map((row) => [
        ...named(row),
        ...[row.read, row.write, row.nearHit, row.nearWrite].map((cost) => figure(cost.appMicroseconds)),
      ]),
    ),
  };
}

function fitting(bytes, { emptyServerBytes }) {
  return Math.floor((256 * 1024 ** 2 - emptyServerBytes) / bytes);
}

function table(head, rows) {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}
