/** What a Redis server was asked since its statistics were last reset, as the server itself counts it. */

interface Asked {
  info(section: string): Promise<unknown>;
}

/** Of connections, and of counting. */
const besides = /^(config|info|client|hello|ping|command|pubsub|subscribe)\b/;

/** How often it was asked each command, by name; what belongs to a connection is left out. */
export async function commandsOf(server: Asked): Promise<Record<string, number>> {
  const stats = String(await server.info("commandstats"));
  const counts = Array.from(
    stats.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm),
    ([, name, calls]) => [name!, Number(calls)] as const,
  );
  return Object.fromEntries(counts.filter(([name]) => !besides.test(name)));
}

/** How often it was asked one of these commands. */
export async function callsOf(server: Asked, ...names: string[]): Promise<number> {
  const commands = await commandsOf(server);
  return names.reduce((sum, name) => sum + (commands[name] ?? 0), 0);
}

/** What it is asked while `work` runs. */
export async function commandsDuring(
  server: Asked & { configResetStat(): Promise<unknown> },
  work: () => Promise<unknown>,
): Promise<Record<string, number>> {
  await server.configResetStat();
  await work();
  return commandsOf(server);
}
