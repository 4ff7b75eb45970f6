/** A Redis that stops answering does not stop the doctor; and calls that are wrong are refused. */
import { codes } from "../../../lib/errors/index.js";
import { RESP_TYPES } from "redis";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { doctor, onSignal } from "holdfast/ops";
import { redisServerPath } from "../../support/programs.js";
import { startRedis, type TestRedis } from "../../support/servers/redis-server.js";
import { clientOf } from "./examine.js";

describe.skipIf(!redisServerPath)("a Redis", () => {
  let server: TestRedis;
  beforeEach(async () => {
    server = await startRedis({ kind: "redis" });
  });
  afterEach(() => server.stop());

  it("that does not answer is bad, and each other check says that it could not be made", async () => {
    const client = await clientOf(server);
    server.process.kill("SIGSTOP");
    const startedAt = performance.now();
    const findings = await doctor(client, { commandTimeout: 300 });
    expect(performance.now() - startedAt).toBeLessThan(5000);
    const of = (check: string) => findings.find((finding) => finding.check === check)!;
    expect(of("ping")).toMatchObject({ level: "bad", found: expect.stringContaining("no answer") });
    expect(of("maxmemory")).toMatchObject({
      level: "skipped",
      found: expect.stringMatching(/not checked: (INFO|CONFIG GET)/),
    });
    expect(of("migration")).toMatchObject({ level: "skipped" });
    expect(of("capacity")).toMatchObject({ level: "skipped" });
  });

  it("that freezes in the middle is bad too, and what was known by then is told", async () => {
    const client = await clientOf(server);
    let pings = 0;
    const stop = onSignal("redis:command", ({ command }) => {
      if (command === "PING" && ++pings === 150) server.process.kill("SIGSTOP");
    });
    onTestFinished(stop);
    const findings = await doctor(client, { commandTimeout: 1000 });
    const of = (check: string) => findings.find((finding) => finding.check === check)!;
    expect(of("round-trip").found).toMatch(/of 1[5-9]\d PINGs/); // it may answer some more before it stops
    expect(of("ping")).toMatchObject({ level: "bad" });
    expect(of("version")).toMatchObject({ level: "skipped" });
  });

  it("that freezes after all PINGs is bad, with the command that got no answer", async () => {
    const client = await clientOf(server);
    const stop = onSignal("redis:command", ({ command }) => {
      if (command === "INFO") server.process.kill("SIGSTOP");
    });
    onTestFinished(stop);
    await client.mSet(Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`sess:${n}`, "x"])));
    const findings = await doctor(client, { commandTimeout: 300 });
    const of = (check: string) => findings.find((finding) => finding.check === check)!;
    expect(of("ping")).toMatchObject({ level: "bad", found: expect.stringMatching(/^[A-Z ]+ got no answer in time/) });
    expect(of("version")).toMatchObject({ level: "ok" });
  });

  it("is given up when the time for all checks is over", async () => {
    const client = await clientOf(server);
    const findings = await doctor(client, { timeout: 1 });
    expect(findings.filter(({ found }) => found.includes("the time for all checks was over")).length).toBeGreaterThan(
      10,
    );
  });

  it("whose client was closed is bad", async () => {
    const client = await clientOf(server);
    client.destroy();
    const findings = await doctor(client);
    expect(findings.find(({ check }) => check === "ping")).toMatchObject({ level: "bad" });
  });

  it("whose client returns other types of replies is understood", async () => {
    const client = await clientOf(server);
    await client.set("sess:1", "{}", { EX: 60 });
    const buffers = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    const findings = await doctor(buffers);
    expect(findings.find(({ check }) => check === "version")!.found).toMatch(/^Redis \d/);
    expect(findings.find(({ check }) => check === "capacity")!.found).toMatch(/^1 session of/);
  });

  it("whose client puts a prefix before all keys is searched for these", async () => {
    const client = await clientOf(server, { keyPrefix: "shop:" });
    await client.set("sess:1", "{}", { EX: 60 });
    await client.hSet("user:1", "username", "ada");
    const findings = await doctor(client);
    const of = (check: string) => findings.find((finding) => finding.check === check)!;
    expect(of("database")).toMatchObject({ level: "ok" });
    expect(of("acl-needed").found).toContain("sessions, accounts");
    expect(of("acl-excess").commands).toEqual([expect.stringContaining("~shop:sess:*")]);
  });
});

describe("a wrong call", () => {
  it("without a client is refused", async () => {
    await expect(doctor({})).rejects.toMatchObject({ code: codes.CLIENT_INVALID });
  });

  it.each([{ prefix: 5 }, { timeout: 0 }, { uses: ["everything"] }, { sentinel: "nodes" }])(
    "%j is refused",
    async (options) => {
      const client = { isOpen: true } as Record<string, unknown>;
      for (const name of ["get", "set", "expire", "unlink", "evalSha", "eval", "hGetAll", "withTypeMapping"])
        client[name] = () => {};
      await expect(doctor(client, options as never)).rejects.toMatchObject({ code: codes.OPTION_INVALID });
    },
  );
});
