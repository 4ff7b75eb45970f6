/** Runs the programs of docs/sockets.md, as the page shows them, as processes of their own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import { freePort } from "../support/servers/free-port.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Program {
  readonly url: string;
  stop(): Promise<void>;
}

/** @param change what a test needs otherwise in the program */
export async function startProgram(
  name: string,
  redisUrl: string,
  { page = "docs/sockets.md", change = (text) => text, env = {} }: ProgramOptions = {},
): Promise<Program> {
  const port = await freePort();
  const blocks = readFileSync(join(root, page), "utf8").matchAll(/```js\n(\/\/ (\S+)\n[^]*?)```/g);
  const [, text] = [...blocks].find(([, , found]) => found === name)!;
  mkdirSync(join(root, ".build"), { recursive: true });
  const file = join(root, ".build", `${port}-${name}`); // inside the package, so that `holdfast` is this one, as built
  writeFileSync(file, change(text!.replace("3000", String(port))));
  const child = spawn(process.execPath, [file], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      NODE_ENV: "test",
      SESSION_SECRET: "a secret of the tests, long enough",
      REDIS_URL: redisUrl,
      ...env,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await vi.waitFor(() => fetch(url), { timeout: 30_000 });
  return {
    url,
    async stop() {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      rmSync(file, { force: true });
    },
  };
}

interface ProgramOptions {
  page?: string;
  change?: (text: string) => string;
  env?: Record<string, string>;
}

/** Somebody with a browser, who may visit several processes of one site. */
export class Person {
  #cookies = new Map<string, string>();

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  async ask(url: string, init: RequestInit = {}) {
    const headers = { accept: "text/html", cookie: this.cookie, ...(init.headers as Record<string, string>) };
    const response = await fetch(url, { redirect: "manual", ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      this.#cookies.set(name!, value!);
    }
    return { status: response.status, to: response.headers.get("location"), body: await response.text() };
  }

  post(url: string, fields: Record<string, string> = {}) {
    return this.ask(url, { method: "POST", body: new URLSearchParams(fields) });
  }

  postJson(url: string, body: object = {}) {
    return this.ask(url, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
  }
}
