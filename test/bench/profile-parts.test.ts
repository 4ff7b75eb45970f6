/** `node bench/profile.mjs`: whose time it is that a function takes. */
import { expect, test } from "vitest";

interface Node {
  id: number;
  callFrame: { functionName: string; url: string };
  children?: number[];
}
type Parts = Record<string, number>;

const file = new URL("../../bench/store/profile-parts.mjs", import.meta.url);
const { partsOf, partsPerRequest, compareParts } = (await import(file.href)) as {
  partsOf(profile: { nodes: Node[]; samples: number[]; timeDeltas: number[] }): Parts;
  partsPerRequest(profile: unknown): Parts;
  compareParts(columns: Parts[], least: number): { name: string; values: number[] }[];
};

/** Calls, each from the one before it, of which the last takes the time. */
function profileOf(...stacks: [microseconds: number, ...calls: string[]][]) {
  const nodes: Node[] = [{ id: 1, callFrame: { functionName: "(root)", url: "" }, children: [] }];
  const samples: number[] = [];
  const timeDeltas: number[] = [];
  for (const [microseconds, ...calls] of stacks) {
    let [caller] = nodes;
    for (const call of calls) {
      const isFile = /[:/]/.test(call);
      const callFrame = { functionName: isFile ? "work" : call, url: isFile ? call : "" };
      const node: Node = { id: nodes.length + 1, callFrame, children: [] };
      caller!.children!.push(node.id);
      nodes.push(node);
      caller = node;
    }
    samples.push(caller!.id);
    timeDeltas.push(microseconds);
  }
  return { nodes, samples, timeDeltas };
}

const express = "file:///app/node_modules/express/lib/response.js";
const gate = "file:///app/dist/http/response-gate/gate.js";
const client = "file:///app/node_modules/@redis/client/dist/lib/client/socket.js";

test("a function's time belongs to its file, whoever called it", () => {
  const profile = profileOf([5, express], [7, express, gate], [11, express, gate, "node:_http_outgoing"]);
  expect(partsOf(profile)).toEqual({ Express: 5, "Holdfast: http/response-gate": 7, "Node.js: http": 11 });
});

test("what everybody uses belongs to whoever called it", () => {
  const small = "file:///app/node_modules/cookie/index.js";
  const profile = profileOf(
    [3, client, "node:net", "node:internal/stream_base_commons", "writeUtf8String"],
    [4, gate, small],
    [5, "node:internal/process/task_queues"],
  );
  expect(partsOf(profile)).toEqual({
    "client library": 3,
    "Holdfast: http/response-gate": 4,
    "Node.js: event loop, sockets": 5,
  });
});

test("garbage collection, and what is no JavaScript, are parts; waiting is none, nor is the profiler", () => {
  const profiler = ["/p/bench/store/profiler.mjs", "node:inspector", "dispatch"];
  const profile = profileOf([3, "(garbage collector)"], [4, "(program)"], [1000, "(idle)"], [1000, ...profiler]);
  expect(partsOf(profile)).toEqual({ "garbage collection": 3, "outside JavaScript": 4 });
});

test("both builds of the package have the same rooms", () => {
  const profile = profileOf([1, "/p/dist/session/merge/merge.js"], [2, "/p/dist/cjs/session/merge/merge.js"]);
  expect(partsOf(profile)).toEqual({ "Holdfast: session/merge": 3 });
});

test("for one request", () => {
  expect(partsPerRequest({ ...profileOf([300, express]), requests: 100 })).toEqual({ Express: 3 });
});

test("of the processor time, if the profile says how much that was, and not of the time on the clock", () => {
  const profile = { ...profileOf([300, express], [100, gate], [900, "(idle)"]), requests: 100, cpu: 200 };
  expect(partsPerRequest(profile)).toEqual({ Express: 1.5, "Holdfast: http/response-gate": 0.5 });
});

test("side by side: what is ours last, small parts added up, and both sums", () => {
  const before = { Express: 10, "Holdfast: http": 6, "Holdfast: redis/guard": 0.2, "Holdfast: signals": 0.1 };
  const now = { Express: 11, "Holdfast: http": 3, "client library": 0.1 };
  expect(compareParts([before, now], 0.5)).toEqual([
    { name: "Express", values: [10, 11] },
    { name: "other packages", values: [0, 0.1] },
    { name: "Holdfast: http", values: [6, 3] },
    { name: "Holdfast: the rest", values: [expect.closeTo(0.3), 0] },
    { name: "of it Holdfast", values: [expect.closeTo(6.3), 3] },
    { name: "all", values: [expect.closeTo(16.3), expect.closeTo(14.1)] },
  ]);
});
