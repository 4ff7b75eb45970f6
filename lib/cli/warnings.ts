/** Warnings are for people here: no code, no process id, and none about Node.js itself. */

let isMuted = false;

export function showWarnings(): void {
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message }) => {
    if (name === "HoldfastWarning" && !isMuted) process.stderr.write(`${message}\n`);
  });
}

/** While something is drawn on the whole terminal. @returns ends it */
export function muteWarnings(): () => void {
  isMuted = true;
  return () => (isMuted = false);
}
