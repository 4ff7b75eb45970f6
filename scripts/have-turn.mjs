// One at a time: two builds in one clone would each remove what the other has just written.
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** In milliseconds: after that long, the number of a process may be another one's. */
const longest = 600_000;

/** Resolves once no other process has the turn; it ends with this process. @param file absent while nobody has it */
export async function haveTurn(file) {
  mkdirSync(dirname(file), { recursive: true });
  // Linked, not written there, so that it never is without its content.
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    while (!isLinked(own, file)) {
      if (isAbandoned(file)) rmSync(file, { force: true });
      else await delay(100);
    }
  } finally {
    rmSync(own, { force: true });
  }
  process.once("exit", () => rmSync(file, { force: true }));
}

function isLinked(own, file) {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/** Its process was killed, and could not remove it. */
function isAbandoned(file) {
  try {
    if (Date.now() - statSync(file).mtimeMs > longest) return true;
    process.kill(Number(readFileSync(file, "utf8")), 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}
