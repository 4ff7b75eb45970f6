// The other end of processes.mjs: what a child process of the benchmark says to the one that started it.

// Nobody is left to work for.
process.on("disconnect", () => process.exit());

/** Answers each question by the function of its name. */
export function answer(questions) {
  process.on("message", async ({ ask, ...order }) => {
    try {
      tell({ answer: await questions[ask](order) });
    } catch (error) {
      tell({ error: String(error?.stack ?? error) });
    }
  });
}

/**
 * Where nobody listens any more, this does nothing: between the channel's end and "disconnect" a message fails, and
 * without a callback that would end this process with a stack in its user's terminal.
 */
export function tell(message, then = () => {}) {
  process.send(message, then);
}
