/** A benchmark that is stopped: what its processes had still to say is dropped, and nobody sees a stack. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("../support/answering.mjs", import.meta.url));

test("a process that is answering when the channel closes ends without a word, 30 times", async () => {
  for (let run = 0; run < 30; run++) {
    const child = fork(program, { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    let said = "";
    let answers = 0;
    child.stderr!.on("data", (text) => (said += text));
    await once(child, "message"); // it is ready
    const ended = Promise.all([once(child, "exit"), once(child.stderr!, "close")]);
    child.on("message", () => ++answers === run && child.disconnect());
    for (let question = 0; question < 200; question++) child.send({ ask: "moment" });
    if (run === 0) child.disconnect();
    const [[code]] = await ended;
    expect({ code, said }).toEqual({ code: 0, said: "" });
  }
});
