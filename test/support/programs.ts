/** Which programs of this machine the tests can use. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The absolute path of `name` on PATH, or undefined. */
export function findProgram(name: string): string | undefined {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

export const redisServerPath = findProgram("redis-server");
/** Debian has it where only root looks. */
export const nginxPath = findProgram("nginx") ?? findProgram("../sbin/nginx");
export const chromiumPath = findProgram("chromium") ?? findProgram("chromium-browser");
