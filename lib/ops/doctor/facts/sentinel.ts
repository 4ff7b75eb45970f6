/** What the sentinels say about the primary: each is asked over a connection of its own. */
import { connectToRedis, type RedisSentinelOptions } from "../../../redis/index.js";
import { mapAnswer, type Answer } from "./answer.js";
import { Asker } from "./asker.js";
import { mapOf } from "./replies.js";

export interface SentinelFacts {
  readonly name: string;
  readonly sentinels: readonly OneSentinel[];
}

export interface OneSentinel {
  /** `host:port` */
  readonly at: string;
  /** What it knows about the primary: SENTINEL MASTER. */
  readonly primary: Answer<Readonly<Record<string, unknown>>>;
  /** Whether enough sentinels could agree on a new primary. */
  readonly hasQuorum: Answer<boolean>;
}

export interface SentinelTimeouts {
  readonly commandTimeout: number;
  readonly timeout: number;
}

export async function sentinelFacts(options: RedisSentinelOptions, timeouts: SentinelTimeouts): Promise<SentinelFacts> {
  const { name } = options;
  const sentinels = await Promise.all(options.nodes.map((node) => askOne(options, node, timeouts)));
  return { name, sentinels };
}

async function askOne(
  options: RedisSentinelOptions,
  { host, port }: RedisSentinelOptions["nodes"][number],
  timeouts: SentinelTimeouts,
): Promise<OneSentinel> {
  const { name, tls, sentinelUsername: user = "default", sentinelPassword: password } = options;
  const at = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  const login = password === undefined ? "" : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`;
  const connection = connectToRedis({
    url: `${tls ? "rediss" : "redis"}://${login}${at}`,
    connectTimeout: timeouts.commandTimeout,
    ...(typeof tls === "object" && { tls }),
  });
  try {
    await connection.ready().catch(() => {}); // then it answers nothing
    const asker = new Asker(connection.client, { ...timeouts, user });
    const primary = await asker.ask(undefined, "SENTINEL", "MASTER", name);
    const quorum = await asker.ask(undefined, "SENTINEL", "CKQUORUM", name);
    const hasNone = (quorum.problem?.text ?? "").startsWith("NOQUORUM");
    return {
      at,
      primary: mapAnswer(primary, mapOf),
      hasQuorum: hasNone ? { value: false } : mapAnswer(quorum, () => true),
    };
  } finally {
    await connection.close();
  }
}
