/** What the gate costs every response that passes through it: how much it puts there, and that nothing waits for it. */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { expect, test, vi } from "vitest";
import { installGate, type GateKeeper } from "../../../lib/http/response-gate/gate.js";

const methods = ["writeHead", "write", "end", "flushHeaders"];

/** A response behind a gate whose keeper begins these saves, one each time it is asked. */
function gated(saves: (Promise<void> | undefined)[] = []) {
  const res = new ServerResponse(new IncomingMessage(new Socket()));
  const before = new Set(Reflect.ownKeys(res));
  const asked: string[] = [];
  const ask = (question: string) => () => {
    asked.push(question);
    return saves[asked.length - 1];
  };
  const keeper: GateKeeper = {
    beforeHead: ask("beforeHead"),
    beforeEnd: ask("beforeEnd"),
    onHead: () => undefined,
    onFailure: () => {},
    onUnsaved: () => {},
  };
  const sent: string[] = [];
  for (const method of ["writeHead", "write", "end"] as const) {
    const below = res[method] as (...args: unknown[]) => unknown;
    before.add(method);
    Object.assign(res, {
      [method]: (...args: unknown[]) => {
        sent.push(method);
        return below.apply(res, args);
      },
    });
  }
  installGate(res, keeper);
  /** What the gate has put on the response, its methods included, which the test replaced before. */
  const added = () => Reflect.ownKeys(res).filter((key) => !before.has(key) || methods.includes(String(key)));
  return { res, asked, sent, added };
}

test("a response gets four methods, and no other property", () => {
  expect(gated().added()).toEqual(methods);
});

test("an answer that need not be saved goes out in the turn in which the app ends it, and is asked about once", () => {
  const { res, asked, sent } = gated();
  res.end("done");
  expect(sent).toContain("end");
  expect(asked).toEqual(["beforeHead"]);
});

test("an answer in pieces is asked about at its head and at its end, and not for the pieces between", () => {
  const { res, asked, sent } = gated();
  res.writeHead(200);
  for (let piece = 0; piece < 5; piece++) res.write("piece");
  res.end();
  expect(asked).toEqual(["beforeHead", "beforeEnd"]);
  expect(sent).toEqual(["writeHead", "write", "write", "write", "write", "write", "end"]);
});

test("an answer that waits is marked as sent without a new property, until its end waits too", () => {
  const { res, added, sent } = gated([new Promise(() => {})]);
  res.write("begun");
  expect(res.headersSent).toBe(true);
  expect(added()).toEqual(methods);
  res.end();
  expect(res.writableEnded).toBe(true);
  expect(added().filter((key) => typeof key === "string")).toEqual([...methods, "writableEnded"]);
  expect(sent).toEqual([]);
});

test("once its save is done, a response says of its end what Node.js says", async () => {
  let finishSave!: () => void;
  const { res, added, sent } = gated([new Promise((done) => (finishSave = done))]);
  res.end("done");
  expect(res.writableEnded).toBe(true);
  expect(res.finished).toBe(false);
  finishSave();
  await vi.waitUntil(() => sent.includes("end"), { timeout: 15_000 });
  expect(res.writableEnded).toBe(res.finished);
  res.finished = false;
  expect(res.writableEnded).toBe(false);
  const ofNode = ["statusCode", "statusMessage"]; // Node.js puts these there as the head goes out
  const names = added().filter((key) => typeof key === "string" && !ofNode.includes(key));
  expect(names).toEqual([...methods, "writableEnded"]); // deleting it would make all later accesses slower
});

test("a response that inherits from one that has waited says the same", async () => {
  const { res } = gated([Promise.resolve()]);
  const derived: ServerResponse = Object.create(res);
  res.end("done");
  expect(derived.writableEnded).toBe(true);
});
