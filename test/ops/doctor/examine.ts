/** Runs the doctor, and looks at what it says about one check. */
import { execFile } from "node:child_process";
import { createClient, type RedisClientType } from "redis";
import { expect, onTestFinished } from "vitest";
import { doctor, type CheckId, type DoctorOptions, type Finding } from "holdfast/ops";
import { findProgram } from "../../support/programs.js";
import type { TestRedis } from "../../support/servers/redis-server.js";

/** All findings about one check; on a cluster there may be several. */
export async function findingsOn(check: CheckId, client: object, options?: DoctorOptions): Promise<Finding[]> {
  const findings = await doctor(client, options);
  const found = findings.filter((finding) => finding.check === check);
  expect(found.length).toBeGreaterThan(0);
  return found;
}

export async function findingOn(check: CheckId, client: object, options?: DoctorOptions): Promise<Finding> {
  const [first, ...others] = await findingsOn(check, client, options);
  expect(others).toEqual([]);
  return first!;
}

/** A connected client with options of its own, closed at the end of the test. */
export async function clientOf(
  { port }: Pick<TestRedis, "port">,
  options: { host?: string; username?: string; password?: string; database?: number; keyPrefix?: string } = {},
): Promise<RedisClientType> {
  const { host = "127.0.0.1", ...login } = options;
  const client = createClient({ socket: { host, port, reconnectStrategy: false }, ...login });
  client.on("error", () => {});
  onTestFinished(() => {
    if (client.isOpen) client.destroy();
  });
  return (await client.connect()) as RedisClientType;
}

/** A session of about `goods` times 110 bytes of JSON, which compress well. */
export function shopping(visitor: number, goods: number) {
  const each = <T>(make: (n: number) => T) => Array.from({ length: goods }, (_, n) => make(n));
  return {
    cookie: { originalMaxAge: null },
    cart: each((n) => ({ sku: `HF-${visitor + n}`, name: `Stoneware bowl no. ${n}`, cents: n })),
    seen: each((n) => ({ sku: `HF-${n * 37}`, at: 1_760_000_000_000 + n * 61_000 })),
  };
}

export const redisCli = findProgram("redis-cli");

/** A line that is pasted into a shell, and what is typed then. */
export function shell(line: string, typed = ""): Promise<{ stdout: string }> {
  return new Promise((resolve) => {
    const child = execFile("sh", ["-c", line], (_error, stdout) => resolve({ stdout })); // what it finds is no failure
    child.stdin!.end(typed);
  });
}

/** What `redis-cli` prints for lines that are pasted into it. */
export function pasted(
  { port }: Pick<TestRedis, "port">,
  lines: readonly string[],
  login: string[] = [],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const args = ["-h", "127.0.0.1", "-p", String(port), "--no-auth-warning", ...login];
    const child = execFile(redisCli!, args, (error, stdout) => (error ? reject(error) : resolve(stdout)));
    child.stdin!.end(`${lines.join("\n")}\n`);
  });
}
