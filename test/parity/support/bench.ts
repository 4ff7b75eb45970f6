/** What every file of the proof needs: one Redis, a key prefix for each test, and sites that are closed again. */
import { randomUUID } from "node:crypto";
import type { RedisClientType } from "redis";
import { afterEach, beforeAll, beforeEach } from "vitest";
import { isPacked, unpacked } from "../../../lib/session/text/packed-text.js";
import { useRedis } from "../../support/servers/use-redis.js";
import type { AnyCookieOptions, Candidate, Middleware, ParityOptions } from "./middlewares.js";
import { openSite, type Handlers, type Site, type SiteParts } from "./site.js";

export const secret = "parity: a secret that is long enough for everyone";

type Options = Partial<ParityOptions>;

export interface Bench {
  readonly client: RedisClientType;
  readonly prefix: string;
  /** The middleware, with every option whose default differs said explicitly. */
  middleware(candidate: Candidate, options?: Options): Middleware;
  /** A listening site whose handlers stand behind the middleware. */
  site(candidate: Candidate, options: Options, handlers: Handlers, parts?: SiteParts): Promise<Site>;
  /** Closes the site after the test. */
  keep(site: Site): Site;
  /** What lies in Redis for this session id, parsed. */
  stored(id: string): Promise<Record<string, any> | null>;
  /** The ids of all sessions of this test. */
  ids(): Promise<string[]>;
  /** Seconds to live of the session's key; -1 without a limit, -2 without a key. */
  timeToLive(id: string): Promise<number>;
  /** How many times a value was written to Redis while `work` ran; scripts are counted by what they do. */
  writesDuring(work: () => Promise<unknown>): Promise<number>;
}

export function useBench(): Bench {
  const redis = useRedis();
  let client: RedisClientType;
  let prefix = "";
  const sites: Site[] = [];

  beforeAll(async () => {
    client = await redis.client();
  });
  beforeEach(() => {
    prefix = `parity-${randomUUID()}:`;
  });
  afterEach(async () => {
    for (const site of sites.splice(0)) await site.close();
  });

  const bench: Bench = {
    get client() {
      return client;
    },
    get prefix() {
      return prefix;
    },
    middleware: (candidate, options = {}) => candidate.create({ client, prefix, ...explicit(options) }),
    async site(candidate, options, handlers, parts = {}) {
      return bench.keep(await openSite(bench.middleware(candidate, options), handlers, parts));
    },
    keep(site) {
      sites.push(site);
      return site;
    },
    async stored(id) {
      const text = await client.get(prefix + id);
      return text ? (JSON.parse(isPacked(text) ? unpacked(text) : text) as Record<string, any>) : null;
    },
    async ids() {
      return (await client.keys(`${prefix}*`)).map((key) => key.slice(prefix.length));
    },
    timeToLive: (id) => client.ttl(prefix + id),
    async writesDuring(work) {
      const before = await writes(client);
      await work();
      return (await writes(client)) - before;
    },
  };
  return bench;
}

/** redisSession's defaults differ on purpose; in a comparison both get the same values. */
function explicit(options: Options): Options {
  const cookie: ParityOptions["cookie"] =
    typeof options.cookie === "function"
      ? options.cookie
      : ({ secure: false, sameSite: false, ...options.cookie } satisfies AnyCookieOptions);
  return { secret, resave: false, saveUninitialized: false, ...options, cookie };
}

async function writes(client: RedisClientType): Promise<number> {
  const stats = await client.info("commandstats");
  let calls = 0;
  for (const match of stats.matchAll(/^cmdstat_(\w+):calls=(\d+)/gm)) {
    if (/^(set|setex|psetex|hset|hsetex)$/.test(match[1]!)) calls += Number(match[2]);
  }
  return calls;
}
