/** Lines of the documents that begin with `npx holdfast`, run in the process of the test. */
import { vi } from "vitest";
import { run } from "../../../lib/cli/program.js";

export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param env variables that are set while it runs */
export async function pasted(line: string, env: Record<string, string> = {}): Promise<Printed> {
  const [npx, holdfast, ...args] = line.trim().split(/\s+/);
  if (npx !== "npx" || holdfast !== "holdfast") throw new Error(`not a line of the command: ${line}`);
  const before = { env: { ...process.env }, exitCode: process.exitCode };
  const text = { stdout: "", stderr: "" };
  const written = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((piece) => (text[name] += String(piece)) !== ""),
  );
  Object.assign(process.env, env);
  process.exitCode = 0;
  try {
    await run(["node", "holdfast", ...args]);
    return { code: process.exitCode, ...text };
  } finally {
    for (const spy of written) spy.mockRestore();
    process.exitCode = before.exitCode;
    for (const name of Object.keys(env)) {
      if (before.env[name] === undefined) delete process.env[name];
      else process.env[name] = before.env[name];
    }
  }
}
