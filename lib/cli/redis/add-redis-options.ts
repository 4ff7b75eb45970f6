/** The options of every command that talks to Redis: where it is. */
import { Option, type Command } from "commander";

/** `RedisPlaces` is what they are parsed into; `redisOptions` turns that into options of a connection. */
export function addRedisOptions(command: Command): Command {
  return command
    .option("--redis <url>", "the URL of Redis (default: REDIS_URL, or REDIS_HOST and so on, or this machine)")
    .addOption(new Option("--sentinel <places>", "or the Sentinels: mymaster@host:26379,…").env("REDIS_SENTINEL"))
    .addOption(new Option("--cluster <places>", "or a Redis Cluster: host:6379,…").env("REDIS_CLUSTER"))
    .option("--tls", "use TLS with --sentinel or --cluster; for one server, use rediss:// in --redis")
    .addOption(new Option("--tls-ca <file>", "the certificate authority of Redis, in PEM").env("REDIS_TLS_CA"))
    .addOption(new Option("--tls-cert <file>", "the client certificate, in PEM").env("REDIS_TLS_CERT"))
    .addOption(new Option("--tls-key <file>", "the key of the client certificate, in PEM").env("REDIS_TLS_KEY"))
    .addOption(
      new Option("--tls-servername <name>", "the name in the certificate of Redis").env("REDIS_TLS_SERVERNAME"),
    );
}
