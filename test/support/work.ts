/** How much a piece of work costs the processor: unlike the clock, it does not depend on what else the machine does. */

/** Milliseconds of processor time that this process spends on `work`, its threads included. */
export async function workOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
