/** `holdfast top` on a pseudo-terminal: the whole screen, its size, its colors, and every way out. */
import { spawnSync } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import type { RedisClientType } from "redis";
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { redisServerPath } from "../../support/programs.js";
import { startRedis } from "../../support/servers/redis-server.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { buildCommand, commandLine } from "../command.js";
import { hasTerminal, keys, startOnTerminal } from "../terminal.js";
import { leave, pulseOf } from "./pulses.js";

const taken = "\u001b[?1049h\u001b[?25l\u001b[?7l";
const given = "\u001b[?7h\u001b[?25h\u001b[?1049l";

/** The lines of the last whole page, without colors. */
function pageOf(screen: string): string[] {
  const pages = screen.split("\u001b[?2026l").slice(0, -1);
  const last = pages.at(-1)?.split("\u001b[H").at(-1) ?? "";
  return stripVTControlCharacters(last).split(/\r+\n/);
}

const pageWith = (wanted: RegExp) => (screen: string) => wanted.test(pageOf(screen).join("\n"));
const widthOf = (page: readonly string[]) => Math.max(...page.map((line) => line.length));

describe.skipIf(!hasTerminal)("on a terminal, holdfast top", { timeout: 60_000 }, () => {
  const server = useRedis();
  let client: RedisClientType;
  beforeAll(async () => {
    await buildCommand();
    client = await server.client();
  }, 120_000);
  beforeEach(async () => {
    await client.flushAll();
    for (let n = 1; n <= 20; n++) await leave(client, pulseOf({ host: `web-${n}`, counts: { failures: n } }));
  });

  interface Started {
    args?: string[];
    env?: Record<string, string>;
    url?: string;
  }

  function start({ args = [], env = { TERM: "xterm" }, url = server.url }: Started = {}) {
    const command = commandLine(["top", "--redis", url, "--interval", "0.5", ...args]);
    const whoAmI = 'echo "tty $(tty) $$"';
    const inside = `sh -c '${whoAmI}; exec ${command.replaceAll("'", `'\\''`)}'`;
    return startOnTerminal(`stty rows 20 cols 90; ${inside}; code=$?; stty -a; exit $code`, env);
  }

  /** The terminal is as it was before: the screen, the cursor, and the keys. */
  function expectGivenBack(screen: string): void {
    expect(screen.split(taken)).toHaveLength(2);
    expect(screen.split(given)).toHaveLength(2);
    const [, after = ""] = screen.split(given);
    expect(after).toMatch(/[^-]isig/);
    expect(after).toMatch(/[^-]icanon/);
    expect(after).not.toContain("\u001b");
  }

  it("fits the width and the height, also when these change, and q ends it", async () => {
    const terminal = start();
    await terminal.printed(pageWith(/… 11 more$/));
    expect(pageOf(terminal.screen)).toHaveLength(20);
    expect(widthOf(pageOf(terminal.screen))).toBeLessThanOrEqual(90);
    expect(terminal.screen).toContain("\u001b[1mHOST");
    const [, device] = /tty (\S+)/.exec(terminal.screen)!;
    spawnSync("stty", ["-F", device!, "rows", "40", "cols", "50"]);
    await terminal.printed((screen) => widthOf(pageOf(screen)) <= 50);
    expect(pageOf(terminal.screen).filter((line) => line.startsWith("web-"))).toHaveLength(20);
    terminal.type("q");
    const { code, screen } = await terminal.ended;
    expect(code).toBe(0);
    expectGivenBack(screen);
  });

  it("Ctrl-C ends it", async () => {
    const terminal = start();
    await terminal.printed("… 11 more");
    terminal.type(keys.ctrlC);
    const { code, screen } = await terminal.ended;
    expect(code).toBe(130);
    expectGivenBack(screen);
  });

  it.each([["SIGTERM", 143] as const, ["SIGINT", 130] as const])("%s ends it", async (signal, expected) => {
    const terminal = start();
    await terminal.printed("… 11 more");
    process.kill(Number(/tty \S+ (\d+)/.exec(terminal.screen)![1]), signal);
    const { code, screen } = await terminal.ended;
    expect(code).toBe(expected);
    expectGivenBack(screen);
  });

  it("a Redis that is away does not take the screen", async () => {
    const { code, screen } = await start({ url: "redis://127.0.0.1:1" }).ended;
    expect(code).toBe(1);
    expect(screen).toContain("cannot be reached: nothing listens there");
    expect(screen).not.toContain("\u001b");
  });

  it.each([
    ["NO_COLOR", { TERM: "xterm", NO_COLOR: "1" }],
    ["a terminal that can only print", { TERM: "dumb" }],
  ])("respects %s", async (_, env) => {
    const terminal = start({ env });
    await terminal.printed("web-1 ");
    terminal.type(env.TERM === "dumb" ? keys.ctrlC : "q");
    const { screen } = await terminal.ended;
    expect(screen).not.toContain("\u001b[1m");
    if (env.TERM === "dumb") expect(screen).not.toContain("\u001b");
    else expectGivenBack(screen);
  });

  it("--once prints as wide as the terminal, all lines, and takes nothing", async () => {
    const { code, screen } = await start({ args: ["--once"] }).ended;
    expect(code).toBe(0);
    expect(screen).toContain("\u001b[1mHOST");
    expect(screen.match(/^web-/gm)).toHaveLength(20);
    for (const code of ["?", "H", "J", "K"]) expect(screen).not.toContain(`\u001b[${code}`);
  });

  it.skipIf(!redisServerPath)(
    "while Redis is frozen keeps the last view, older by the second, and no warning",
    async () => {
      const frozen = await startRedis({ kind: "redis" });
      onTestFinished(() => frozen.stop());
      const own = await frozen.client();
      await leave(own, pulseOf({ host: "web-7" }));
      const watched = start({ url: frozen.url });
      await watched.printed("web-7");
      frozen.process.kill("SIGSTOP");
      await watched.printed(pageWith(/Old, read \d.* ago: The session store[^]*web-7/));
      await watched.printed(pageWith(/Old, read \d.* ago: The session store is not available[^]*web-7/));
      frozen.process.kill("SIGCONT");
      await own.del("{holdfast:pulse}");
      await leave(own, pulseOf({ host: "web-8" }));
      await watched.printed(pageWith(/web-8/));
      expect(pageOf(watched.screen).join("\n")).not.toMatch(/Old|web-7/);
      watched.type("q");
      const { code, screen } = await watched.ended;
      expect(code).toBe(0);
      expectGivenBack(screen);
      expect(screen).not.toMatch(/it is probed four times|is back after/);
    },
  );
});
