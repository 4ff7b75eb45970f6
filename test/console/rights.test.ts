/** The console as a Redis user with the rights that docs/production.md lists, and no more. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { unsign } from "cookie-signature";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { secret } from "../promises/candidates.js";
import { redisServerPath } from "../support/programs.js";
import { useRedis } from "../support/servers/use-redis.js";
import { startOpsSite, type OpsSite } from "./ops-site.js";

const page = readFileSync(new URL("../../docs/production.md", import.meta.url), "utf8");
const sessionRights = /```acl\nuser holdfast (.*)\n```/.exec(page)![1]!.replace("PASSWORD", "hush");
const rightsFor = (name: string) => new RegExp(`Add for \`${name}\`: \`([^\`]*)\``).exec(page)![1]!;

describe.skipIf(!redisServerPath)("with the documented rights", () => {
  const redis = useRedis({ kind: "redis" });
  let site: OpsSite;
  beforeAll(async () => {
    const rights = [sessionRights, rightsFor("pulse"), rightsFor("holdfast sessions"), "+info"].join(" ");
    const admin = await redis.client();
    await admin.sendCommand(["ACL", "SETUSER", "holdfast", "reset", ...rights.split(" ")]);
    site = await startOpsSite(`redis://holdfast:hush@127.0.0.1:${redis.port}`, { userKey: "user" });
  });
  afterAll(() => site?.close());

  it("each page answers, and sessions can be ended, with nothing in the log of refused commands but the doctor's", async () => {
    const cookie = await site.visit({ user: "42" });
    const sid = unsign(decodeURIComponent(cookie.split("=")[1]!).slice(2), secret) as string;
    const hash = createHash("sha256").update(sid).digest("hex");
    const get = async (path: string) => {
      const response = await fetch(`${site.url}/ops/${path}`);
      return { status: response.status, text: await response.text() };
    };
    const admin = await redis.client();
    await admin.sendCommand(["ACL", "LOG", "RESET"]);
    for (const path of [
      "",
      "sessions",
      "sessions?user=42",
      `sessions/${hash}`,
      `sessions/${hash}/end`,
      "users/end?user=42",
    ])
      expect({ path, status: (await get(path)).status }).toEqual({ path, status: 200 });
    expect((await get("")).text).not.toContain("not known");
    const headers = { "sec-fetch-site": "same-origin" };
    const post = (path: string) => fetch(`${site.url}/ops/${path}`, { method: "POST", headers, redirect: "manual" });
    expect((await post(`sessions/${hash}/end`)).headers.get("location")).toContain("ended=1");
    await site.visit({ user: "42" });
    expect((await post("users/end?user=42")).headers.get("location")).toContain("ended=1");
    const log = (await admin.sendCommand(["ACL", "LOG"])) as unknown as unknown[];
    expect(log.map((entry) => JSON.stringify(entry)).filter((entry) => !entry.includes("client|setinfo"))).toEqual([]);
    expect((await get("redis")).status).toBe(200);
  });

  it("without the console's rights, each page says so and which is missing, not that Redis is away or all is well", async () => {
    const admin = await redis.client();
    await admin.sendCommand(["ACL", "SETUSER", "few", "reset", ...sessionRights.split(" "), "-scan"]);
    const few = await startOpsSite(`redis://few:hush@127.0.0.1:${redis.port}`, { userKey: "user" });
    onTestFinished(() => few.close());
    const text = async (path: string) => (await fetch(`${few.url}/ops/${path}`)).text();
    for (const path of ["", "sessions", "sessions/e2b33c50", "users/end?user=42", "redis"]) {
      const shown = await text(path);
      expect(shown).not.toMatch(
        /being counted|does not answer|All is well|All \d+ checks are fine|Try again in a moment/,
      );
      if (path === "" || path.startsWith("sessions")) expect(shown).toMatch(/lacks rights.*ACL SETUSER NAME/);
      if (path === "redis") expect(shown).toMatch(/\d+ skipped/);
    }
  });
});
