// What the scenarios start: servers, the app's processes, the load generator; all are stopped when a scenario ends.
import { createClient } from "redis";
import { createVisitors } from "../measure.mjs";
import { start, startApp } from "../processes.mjs";
import { startCluster, startPostgres, startRedisOrValkey } from "../servers.mjs";

/** Calls `work` with a set-up, and stops everything afterwards, whatever happened. */
export async function withSetUp(work) {
  const setUp = new SetUp();
  try {
    return await work(setUp);
  } finally {
    await setUp.stop();
  }
}

class SetUp {
  #stops = [];
  #apps = 0;

  async redis(options) {
    const redis = await startRedisOrValkey(options);
    this.#stops.push(redis.stop);
    const client = createClient({ url: redis.url });
    client.on("error", () => {});
    await client.connect();
    this.#stops.push(() => client.destroy());
    const memory = async () => Number(/used_memory:(\d+)/.exec(await client.info("memory"))[1]);
    return { ...redis, client, memory };
  }

  /** Undefined where there is no redis-server. */
  async cluster(primaries) {
    const cluster = await startCluster(primaries);
    if (cluster) this.#stops.push(cluster.stop);
    return cluster;
  }

  async postgres() {
    const postgres = await startPostgres();
    this.#stops.push(postgres.stop);
    return postgres;
  }

  /** The processes of one variant; undefined where this version of the package does not have it. */
  async app(variant, { redis, postgres, cluster, processes = 1, prefix = `load${this.#apps++}:` }) {
    const at = {
      redisUrl: redis?.url,
      clusterNodes: cluster?.nodes,
      postgresUrl: postgres?.url,
      postgresConnections: postgres?.connections,
      prefix,
    };
    const each = [];
    for (let started = 0; started < processes; started++) {
      const app = await startApp(variant, at);
      if (!app) return undefined;
      this.#stops.push(app.stop);
      each.push(app);
    }
    const cpu = async () => (await Promise.all(each.map((app) => app.ask("cpu")))).reduce((sum, one) => sum + one, 0);
    return { variant, prefix, first: each[0], ports: each.map(({ port }) => port), cpu };
  }

  /** Any other process of the benchmark. */
  part(file, order) {
    const child = start(file, [JSON.stringify(order)]);
    this.#stops.push(child.stop);
    return child;
  }

  generator() {
    return this.part("loadtest/generator.mjs", {});
  }

  visitors(app, count) {
    return createVisitors(app.first, count);
  }

  async stop() {
    for (const stop of this.#stops.splice(0).toReversed()) await stop();
  }
}

/** Samples of a figure, once a second, until it is stopped. */
export function sample(read) {
  const samples = [];
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = read().then(
      (value) => samples.push(value),
      () => {},
    );
  }, 1000);
  return async () => {
    clearInterval(timer);
    await running;
    return samples;
  };
}
