/** The clients of the programs' processes, which connect again at once when their connection is cut. */
import { Redis } from "ioredis";
import { createClient, createClientPool } from "redis";

/** @param ends gets what closes it */
export async function clientOf(
  kind: string,
  { port, url }: { readonly port: number; readonly url: string },
  ends: (() => unknown)[],
): Promise<object> {
  if (kind === "ioredis") {
    const client = new Redis(port, { retryStrategy: () => 5 });
    client.on("error", () => {});
    ends.push(() => client.disconnect());
    return client;
  }
  const options = { url, socket: { reconnectStrategy: () => 5 } };
  const client = kind === "pool" ? createClientPool(options, { minimum: 3, maximum: 3 }) : createClient(options);
  client.on("error", () => {});
  await client.connect();
  ends.push(() => client.destroy());
  return client;
}
