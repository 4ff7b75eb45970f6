/** What the command asks on a terminal, and what it makes of each answer: nothing is changed but by a yes. */
import { describe, expect, it } from "vitest";
import { client, places, site } from "./command-on-site.js";
import { runCommand } from "./command.js";
import { hasTerminal, keys, runOnTerminal } from "./terminal.js";
import { repositoryOf } from "../../lib/express-session/index.js";

describe.skipIf(!hasTerminal)("on a terminal", { timeout: 120_000 }, () => {
  const question = "1 process follows the move. Are these all processes of the app? [y/N] ";
  const phase = async () => (await site.control.read()).phase;

  it.each([
    ["no", `no${keys.enter}`, 1, "Nothing was changed."],
    ["only Enter", keys.enter, 1, "Nothing was changed."],
    ["Ctrl-D", keys.ctrlD, 1, "Nothing was changed."],
    ["Ctrl-C", keys.ctrlC, 130, "Stopping"],
  ])("start, answered with %s, changes nothing", async (_, typed, code, said) => {
    const ended = await runOnTerminal(["migrate", "start", ...places], { answers: [["[y/N]", typed]] });
    expect(ended.screen).toContain(question);
    expect(ended.screen).toContain(said);
    expect(ended.screen).not.toMatch(/\n\s+at /);
    expect([ended.code, await phase()]).toEqual([code, "off"]);
  });

  it("start, answered with yes, starts the move", async () => {
    const ended = await runOnTerminal(["migrate", "start", ...places], { answers: [["[y/N]", `Yes${keys.enter}`]] });
    expect(ended.screen).toContain("Started: 1 process follows the move.");
    expect([ended.code, await phase()]).toEqual([0, "moving"]);
  });

  it("the question is also asked if the output is piped", async () => {
    const answers = [["[y/N]", `n${keys.enter}`]] as const;
    const ended = await runOnTerminal(["migrate", "start", ...places], { answers, behind: "| cat" });
    expect(ended.screen).toContain(question);
    expect(await phase()).toBe("off");
  });

  it.each([["--yes"], ["--json"], ["--processes", "1"]])("%s skips the question", async (...args) => {
    const ended = await runOnTerminal(["migrate", "start", ...args, ...places], { answers: [] });
    expect(ended.screen).not.toContain("[y/N]");
    expect([ended.code, await phase()]).toEqual([0, "moving"]);
  });

  it("a repair that would end sessions needs confirmation", async () => {
    await runCommand(["migrate", "start", ...places]);
    await client.set("sess:nobody", JSON.stringify({ cookie: {} }), { EX: 1000 });
    site.fill(3);
    const repair = ["migrate", "verify", "--repair", ...places];
    const answered = (typed: string) => runOnTerminal(repair, { answers: [["[y/N]", typed]] });
    for (const [typed, code] of [
      [`n${keys.enter}`, 1],
      [keys.ctrlC, 130],
    ] as const) {
      const ended = await answered(typed);
      expect(ended.screen).toContain("end 1 in Redis that the table does not have");
      expect([ended.code, await site.redis.ids()]).toEqual([code, ["nobody"]]);
    }
    const done = await answered(`y${keys.enter}`);
    expect(done.screen).toContain("Repaired: 4.");
    expect([done.code, await repositoryOf(site.redis).transfer.presenceOf("nobody")]).toEqual([0, "dead"]);
  });
});
