// No dependencies: it runs before they are installed.
import { basename } from "node:path";

/**
 * npm passes a signal to the shell that it started, and the shell ends without the script. So when the shell is gone, this
 * process ends as if it had got the signal itself.
 */
export function endWithNpm() {
  if (!process.env.npm_lifecycle_script?.includes(basename(process.argv[1] ?? ""))) return;
  const shell = process.ppid;
  setInterval(() => process.ppid !== shell && process.kill(process.pid, "SIGTERM"), 250).unref();
}
