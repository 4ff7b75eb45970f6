/** What the doctor demands of a Redis user is what docs/production.md lists; and what it does for a user who may not ask. */
import { readFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import type { RedisClientType } from "redis";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { doctor, type Feature } from "holdfast/ops";
import { excessTrials, features, rulesFor, trialsFor } from "../../../lib/ops/doctor/rights.js";
import { redisServerPath } from "../../support/programs.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { clientOf, pasted, redisCli } from "./examine.js";

const page = readFileSync(new URL("../../../docs/production.md", import.meta.url), "utf8");
const doctorsPage = readFileSync(new URL("../../../docs/doctor.md", import.meta.url), "utf8");
const [, sessionLine = ""] = /```acl\nuser holdfast on >PASSWORD (.*)\n```/.exec(page)!;
const added: Partial<Record<Feature, string>> = {
  hash: "the layout `hash`",
  "hash-ids": "`hashIds`",
  durability: "`durability`",
  "near-cache": "`nearCache`",
  auth: "`holdfast/auth`",
  accounts: "`RedisAccounts`",
  sockets: "`auth.onEnded`",
  migrate: "`holdfast/migrate`",
  pulse: "`pulse`",
  select: "a database number above 0",
};
const places = { prefix: "sess:", authPrefix: "", moveKey: "{holdfast:move}" };

function documented(feature: Feature): string[] {
  if (feature === "sessions") return sessionLine.split(" ").filter((rule) => /^[~&+]/.test(rule));
  const line =
    feature === "cluster" ? /Add on a cluster: `([^`]*)`/ : new RegExp(`Add for ${added[feature]}: \`([^\`]*)\``);
  return line.exec(page)![1]!.split(" ");
}

it.each(features)("%s needs the rights that docs/production.md lists, and no other", (feature) => {
  expect(rulesFor([feature], places).toSorted()).toEqual(documented(feature).toSorted());
});

describe.skipIf(!redisServerPath)("a Redis user", () => {
  const server = useRedis({ kind: "redis" });
  let admin: RedisClientType;
  beforeAll(async () => {
    admin = await server.client();
    await admin.set("sess:1", '{"cookie":{}}', { EX: 600 });
    await admin.set("sess:2", "", { EX: 600 });
  });
  const allow = (name: string, rules: string) =>
    admin.sendCommand(["ACL", "SETUSER", name, "reset", "on", ">hush", ...rules.split(" ")]);

  it("is judged by Redis itself: each right is found missing when it is, and only then", async () => {
    const all = rulesFor(features, places);
    const lacking = async (rules: readonly string[]) => {
      await allow("app", `-@all ${rules.join(" ")}`);
      const answers = await Promise.all(
        trialsFor(features, places).map(async ({ rule, args }) => ({
          rule,
          answer: await admin.sendCommand(["ACL", "DRYRUN", "app", ...args]),
        })),
      );
      return answers.filter(({ answer }) => String(answer) !== "OK").map(({ rule }) => rule);
    };
    expect(await lacking(all)).toEqual([]);
    for (const one of all) {
      const missing = await lacking(all.filter((rule) => rule !== one));
      expect(missing).toContain(one);
      // The keys of sessions, the channel, GET and SUBSCRIBE are what others are tried with.
      if (!/^~sess|^&|^\+get$|^\+subscribe$/.test(one)) expect(missing).toEqual([one]);
    }
  });

  it("is asked about nothing that Redis does not understand", async () => {
    for (const { args } of excessTrials)
      expect(await admin.sendCommand(["ACL", "DRYRUN", "default", ...args])).toBe("OK");
  });

  it("with the rights of the app alone gets the checks that these rights allow; for the others, the line that would", async () => {
    await allow("app", sessionLine.replace(/^resetkeys /, ""));
    const findings = await doctor(await clientOf(server, { username: "app", password: "hush" }));
    const of = (check: string) => findings.find((finding) => finding.check === check)!;
    expect(of("ping")).toMatchObject({ level: "ok" });
    expect(of("round-trip")).toMatchObject({ level: expect.stringMatching(/ok|warning/) });
    expect(of("database")).toMatchObject({ level: "ok" });
    expect(of("maxmemory")).toMatchObject({
      level: "skipped",
      found: expect.stringContaining("the user app may not run"),
      commands: [expect.stringMatching(/^ACL SETUSER app \+(info|config\|get)$/)],
    });
    expect(of("acl-needed")).toMatchObject({ level: "skipped", remedy: expect.stringContaining("--acl-user app") });
    expect(findings.filter(({ level }) => level === "bad" || level === "warning")).toEqual([]);
    for (const { level, remedy } of findings) if (level === "skipped") expect(remedy).toBeDefined();
    if (!redisCli) return;
    // One question may come up only after another was allowed.
    for (let round = 0; round < 5; round++) {
      const now = await doctor(await clientOf(server, { username: "app", password: "hush" }));
      const lines = now.flatMap(({ level, commands = [] }) => (level === "skipped" ? commands : []));
      if (lines.length === 0) break;
      expect(await pasted(server, [...new Set(lines)])).toMatch(/^(OK\n)+$/);
    }
    const allowed = await doctor(await clientOf(server, { username: "app", password: "hush" }));
    const left = allowed.filter(({ level }) => level === "skipped").map(({ check }) => check);
    expect(left).toEqual(["acl-needed", "acl-excess"]); // of which the app's user should not ask
  });

  it("with the rights that docs/doctor.md lists can make every check", async () => {
    const [, line = ""] = /```acl\nuser doctor on >PASSWORD (.*)\n```/.exec(doctorsPage)!;
    await allow("app", sessionLine.replace(/^resetkeys /, ""));
    await allow("doctor", line);
    await admin.sendCommand(["ACL", "LOG", "RESET"]);
    const findings = await doctor(await clientOf(server, { username: "doctor", password: "hush" }), { aclUser: "app" });
    expect(findings.filter(({ level }) => level === "skipped")).toEqual([]);
    expect(findings.find(({ check }) => check === "acl-needed")).toMatchObject({ level: "ok" });
    const refused = (await admin.sendCommand(["ACL", "LOG"])) as unknown as unknown[];
    expect(refused.filter((entry) => !/setinfo/i.test(JSON.stringify(entry)))).toEqual([]);
  });

  it("reads no password and shows no key", async () => {
    const { port, heard } = await listening(server.port);
    const client = await clientOf({ port });
    await admin.set("sess:the-secret-id", '{"cookie":{}}');
    const findings = await doctor(client);
    expect(JSON.stringify(findings)).not.toMatch(/the-secret-id|hush/);
    const sent = commandsIn(heard());
    expect(sent).toContain("CONFIG GET maxmemory");
    expect(sent.filter((command) => /requirepass|masterauth|^CONFIG GET \*/.test(command))).toEqual([]);
    const isRead =
      /^(PING|HELLO|CLIENT (SETINFO|MAINT_NOTIFICATIONS)|INFO|SCAN|TTL|STRLEN|MEMORY USAGE|SLOWLOG GET|CONFIG GET|ACL (WHOAMI|GETUSER|DRYRUN)|EVALSHA|EVAL|HGETALL|SCARD|GET|TYPE)\b/;
    expect(sent.filter((command) => !isRead.test(command))).toEqual([]);
  });
});

/** A way to the server that notes what is sent there. */
async function listening(target: number): Promise<{ port: number; heard: () => string }> {
  let heard = "";
  const proxy = createServer((client) => {
    const server = connect(target, "127.0.0.1");
    for (const socket of [client, server]) socket.on("error", () => {});
    client.on("data", (chunk) => (heard += chunk.toString()));
    client.pipe(server).pipe(client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void proxy.close());
  return { port: (proxy.address() as AddressInfo).port, heard: () => heard };
}

/** Commands as RESP writes them, one in a line: `*2`, `$3`, `GET`, `$1`, `k`. */
function commandsIn(text: string): string[] {
  const lines = text.split("\r\n");
  const commands: string[] = [];
  for (let at = 0; lines[at]?.startsWith("*");) {
    const count = Number(lines[at]!.slice(1));
    const words = Array.from({ length: count }, (_, n) => lines[at + 2 + n * 2]!);
    commands.push(words.join(" "));
    at += 1 + count * 2;
  }
  return commands;
}
