/** Whatever an app has set on its client of valkey-glide: sessions are served, or it is refused in words. */
import { Decoder, GlideClient, GlideClusterClient, Logger, ProtocolVersion, Batch } from "@valkey/valkey-glide";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { RedisSessionStore } from "holdfast";
import { glideFailure } from "../../lib/redis/clients/glide-failure.js";
import { guardClient } from "../../lib/redis/guard/guarded-client.js";
import { redisServerPath } from "../support/programs.js";
import { startCluster, type TestCluster } from "../support/servers/redis-cluster.js";
import { useRedis } from "../support/servers/use-redis.js";
import { expectNothingUnhandled } from "../support/unhandled.js";
import { serves } from "./serves.js";

Logger.setLoggerConfig("off");
const settings: Record<string, object> = {
  "buffers as replies": { defaultDecoder: Decoder.Bytes },
  "RESP 2": { protocol: ProtocolVersion.RESP2 },
  "a connection that is opened by the first command": { lazyConnect: true },
};

describe.skipIf(!redisServerPath)("valkey-glide", () => {
  expectNothingUnhandled();
  const redis = useRedis({ kind: "redis" });
  let cluster: TestCluster;
  const clients: { close(): void }[] = [];
  beforeAll(async () => {
    cluster = await startCluster();
  }, 60_000);
  afterAll(() => cluster?.stop());
  afterEach(() => {
    redis.process.kill("SIGCONT");
    for (const client of clients.splice(0)) client.close();
  });

  async function opened(options: object = {}): Promise<any> {
    const addresses = [{ host: "127.0.0.1", port: redis.port }];
    const client = await GlideClient.createClient({ addresses, requestTimeout: 2000, ...options });
    clients.push(client);
    return client;
  }

  async function openedCluster(options: object = {}): Promise<any> {
    const client = await GlideClusterClient.createClient({
      addresses: cluster.nodes,
      requestTimeout: 2000,
      ...options,
    });
    clients.push(client);
    return client;
  }

  test.each(Object.entries(settings))("%s: it serves", async (_name, given) => {
    await serves(await opened(given));
    await serves(await openedCluster(given));
  });

  test("a cluster that reads from replicas: what was saved is read at once", async () => {
    const store = new RedisSessionStore({ client: await openedCluster({ readFrom: "preferReplica" }) });
    for (let n = 0; n < 200; n++) {
      await store.set(`s${n}`, { cookie: { originalMaxAge: null }, n } as never);
      expect(await store.get(`s${n}`)).toMatchObject({ n });
    }
    await store.clear();
  });

  test("its usual deadline of 250 ms does not hide a frozen Redis: soon nothing is sent", async () => {
    const guard = guardClient(await opened({ requestTimeout: undefined }), { rules: { silence: 600, grace: 300 } });
    expect(await guard.get("a")).toBeNull();
    redis.process.kill("SIGSTOP");
    await expect(guard.get("a")).rejects.toMatchObject({ reason: "timeout" });
    const ask = () => guard.get("a").catch(({ reason }: { reason: string }) => reason);
    await expect.poll(ask).toBe("down");
    redis.process.kill("SIGCONT");
    await expect.poll(ask).toBeNull();
  });

  const refused: Record<string, [settings: object, words: RegExp]> = {
    "reads from replicas": [{ readFrom: "preferReplica" }, /replicas.*readFrom/],
    compresses: [{ compression: { enabled: true } }, /compresses.*option `compress`/],
    "has a cache of its own": [
      { clientSideCache: { cacheId: "c", maxCacheKb: 100, entryTtlMs: 1000 } },
      /clientSideCache/,
    ],
  };
  test.each(Object.entries(refused))("a client that %s is refused", async (_name, [given, words]) => {
    const client = await opened(given);
    expect(() => new RedisSessionStore({ client })).toThrow(
      expect.objectContaining({ code: "HOLDFAST_CLIENT_INVALID", message: expect.stringMatching(words) }),
    );
  });

  test("a batch is refused", () => {
    expect(() => new RedisSessionStore({ client: new Batch(false) })).toThrow(/batch.*pass the client itself/);
  });
});

test.each([
  ["An error was signalled by the server: - NoScriptError: No matching script.", "NOSCRIPT No matching script."],
  ["An error was signalled by the server - ResponseError: unknown command", "ERR unknown command"],
  ["An error was signalled by the server: - PermissionDenied: User app has no", "NOPERM User app has no"],
  ["WRONGTYPE: Operation against a key", "WRONGTYPE Operation against a key"],
  ["OOM: command not allowed\nmore", "OOM command not allowed\nmore"],
])("the reply %s", (message, text) => {
  expect(glideFailure(new Error(message))).toMatchObject({ message: text, cause: { message } });
});

test.each(["timed out", "Received connection error `broken pipe`. Will attempt to reconnect", ""])(
  "no reply: %s",
  (message) => {
    const error = new Error(message);
    expect(glideFailure(error)).toBe(error);
  },
);
