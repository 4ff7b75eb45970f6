/** The command `holdfast`: its subcommands, its help, and its usage errors. */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { describeFailure, exitCodes } from "./failure.js";
import { openOutput } from "./output.js";

/** Each is loaded only if it is needed: it starts fast then, and needs little memory. */
const subcommands = new Map([
  ["migrate", async () => (await import("./migrate/command.js")).addMigrate],
  ["doctor", async () => (await import("./doctor/command.js")).addDoctor],
  ["sessions", async () => (await import("./sessions/command.js")).addSessions],
  ["top", async () => (await import("./top/command.js")).addTop],
  ["plan", async () => (await import("./plan/command.js")).addPlan],
]);

/** Runs the command of `argv`; ends with `process.exitCode` set. */
export async function run(argv: readonly string[]): Promise<void> {
  let help = "";
  const program = new Command("holdfast")
    .description("Operator tools of Holdfast, the session middleware for Redis")
    .version(version())
    .exitOverride()
    .configureOutput({ writeErr: (text) => (help += text) }); // printed below
  const named = subcommands.get(argv[2] ?? "");
  for (const load of named ? [named] : subcommands.values()) (await load())(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return; // help, version
    const isJson = argv.includes("--json");
    const output = openOutput(isJson);
    const isBare = error instanceof CommanderError && error.code === "commander.help";
    const { code, message, exitCode } = isBare
      ? { code: "USAGE", message: help.trim(), exitCode: exitCodes.usage }
      : describeFailure(error);
    output.warn(message);
    output.result({ ok: false, error: { code, message } });
    process.exitCode = exitCode;
  }
}

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { version }: { version: string } = JSON.parse(manifest);
  return version;
}
