/** The proxy that puts Redis a millisecond away delays what it passes on, and changes nothing about it. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";

const file = new URL("../../bench/proxy.mjs", import.meta.url);
const { startProxy } = (await import(file.href)) as {
  startProxy(port: number, delay: number): Promise<{ port: number; trips: number; close(): void }>;
};

test("bytes arrive in their order, even if the process is busy between two of them", async () => {
  const echo = createServer((socket) => socket.on("error", () => {}).pipe(socket)).listen(0, "127.0.0.1");
  onTestFinished(() => void echo.close());
  await once(echo, "listening");
  const { port } = echo.address() as AddressInfo;
  const proxy = await startProxy(port, 1);
  onTestFinished(() => proxy.close());
  const [client, other] = await Promise.all([connected(proxy.port), connected(port)]);
  other.on("data", () => setImmediate(() => setImmediate(beBusy)));

  const count = 500;
  const answer = numbersFrom(client, count);
  for (let number = 0; number < count; number++) {
    client.write(`${number} `);
    other.write(".");
    await new Promise(setImmediate);
  }
  expect(await answer).toEqual(Array.from({ length: count }, (_, number) => number));
  expect(proxy.trips).toBeGreaterThan(0);
});

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** For longer than the proxy's delay in one direction. */
function beBusy() {
  const end = performance.now() + 1;
  while (performance.now() < end);
}

async function numbersFrom(socket: Socket, count: number): Promise<number[]> {
  let text = "";
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.split(" ").length > count) break;
  }
  return text.trim().split(" ").map(Number);
}
