/** docs/guides/hosts.md: its files, its probes, and what it says of TLS, addresses and servers that refuse questions. */
import { spawnSync } from "node:child_process";
import express from "express";
import request from "supertest";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { redisSession } from "holdfast";
import { secret } from "../../promises/candidates.js";
import { freePort } from "../../support/servers/free-port.js";
import { findProgram, redisServerPath } from "../../support/programs.js";
import { startRedis } from "../../support/servers/redis-server.js";
import { canStartTls, startTlsRedis } from "../../support/servers/redis-tls.js";
import { useRedis } from "../../support/servers/use-redis.js";
import { blocksOf, blockWith, root, rowsOf } from "../support/pages.js";
import { pasted } from "../support/command-in-process.js";
import { useBlocks } from "../support/run-block.js";

const page = "docs/guides/hosts.md";
const redis = useRedis();
const blocks = useBlocks();

it("each host of the table leads to its section", () => {
  const cells = rowsOf(page, "host").map(([cell]) => cell!);
  expect(cells.length).toBeGreaterThan(9);
  expect(cells.filter((cell) => !/^\[.+\]\(#.+\)$/.test(cell))).toEqual([]); // links are checked elsewhere
});

function environment(values: Record<string, string>): void {
  for (const [name, value] of Object.entries(values)) {
    const before = process.env[name];
    process.env[name] = value;
    onTestFinished(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
  }
}

it("the first program needs nothing but the two variables", async () => {
  environment({ REDIS_URL: redis.url, SESSION_SECRET: secret });
  const app = express();
  const { sessions } = await blocks.run(blockWith(page, "// REDIS_URL, SESSION_SECRET"), { app }, ["sessions"]);
  onTestFinished(() => sessions.close());
  app.get("/", (req, res) => void res.send(req.sessionID.slice(0, 0)));
  expect((await request(app).get("/")).status).toBe(200);
});

describe("Docker", () => {
  const text = blockWith(page, "depends_on").text;
  const { services, volumes } = parse(text) as {
    services: Record<"app" | "redis", { command: string[]; environment: object; volumes: string[] }>;
    volumes: object;
  };

  it("the app knows where Redis is by the name of its service, and nobody else reaches it", () => {
    expect(services.app.environment).toMatchObject({ REDIS_HOST: "redis" });
    expect(Object.keys(services.redis)).not.toContain("ports");
    expect(services.redis.volumes.map((volume) => volume.split(":")[0])).toEqual(Object.keys(volumes));
  });

  it.skipIf(!redisServerPath)("Redis accepts the settings, asks for the password, and evicts nothing", async () => {
    const [, ...args] = services.redis.command;
    const given = args.map((arg) => arg.replace(/^\$\{REDIS_PASSWORD:\?\}$/, "hush"));
    const port = await freePort();
    const starting = startRedis({ kind: "redis", args: given, port });
    const server = await starting;
    onTestFinished(() => server.stop());
    environment({ REDIS_HOST: "127.0.0.1", REDIS_PORT: String(port), REDIS_PASSWORD: "hush" });
    const sessions = redisSession({ secret });
    onTestFinished(() => sessions.close());
    await sessions.ready();
    expect(await sessions.client.info("memory")).toMatch(/maxmemory_policy:noeviction/);
  });

  const compose = findProgram("docker-compose");
  it.skipIf(!compose)("Compose accepts the file, and nothing starts without the password", () => {
    const config = (env: Record<string, string>) =>
      spawnSync(compose!, ["--project-directory", root, "--file", "-", "config", "--quiet"], {
        input: text,
        encoding: "utf8",
        env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
      });
    expect(config({ REDIS_PASSWORD: "a", SESSION_SECRET: "b" })).toMatchObject({ status: 0 });
    expect(config({}).status).not.toBe(0);
  });
});

describe("Kubernetes", () => {
  const manifest = parse(blockWith(page, "kind: Deployment").text) as {
    spec: {
      selector: { matchLabels: object };
      template: { metadata: { labels: object }; spec: { containers: any[] } };
    };
  };
  const [container] = manifest.spec.template.spec.containers;

  it("the selector matches the pods, and the probes ask the port that the container has", () => {
    expect(manifest.spec.template.metadata.labels).toEqual(manifest.spec.selector.matchLabels);
    for (const probe of [container.livenessProbe, container.readinessProbe])
      expect(probe.httpGet.port).toBe(container.ports[0].containerPort);
  });

  it("the secret and the address come from a Secret", () => {
    const names = container.env.map(({ name, valueFrom }: any) => [name, valueFrom.secretKeyRef.name]);
    expect(names).toEqual([
      ["REDIS_URL", "shop"],
      ["SESSION_SECRET", "shop"],
    ]);
  });

  it("the probes ask for what health() answers, and wait longer than its timeout", async () => {
    const app = express();
    const sessions = redisSession({ url: redis.url, secret });
    onTestFinished(() => sessions.close());
    await sessions.ready();
    const block = blockWith(page, "health(sessions");
    await blocks.run(block, { app, sessions });
    app.use(sessions);
    for (const { httpGet, timeoutSeconds } of [container.livenessProbe, container.readinessProbe]) {
      const answer = await request(app).get(httpGet.path);
      expect([answer.status, answer.headers["set-cookie"]]).toEqual([200, undefined]);
      expect(timeoutSeconds * 1000).toBeGreaterThan(Number(/timeout: (\d+)/.exec(block.text)![1]));
    }
  });

  it("REDIS_PORT as Kubernetes sets it for a service is understood, and REDIS_URL goes first", async () => {
    environment({ REDIS_PORT: `tcp://127.0.0.1:${redis.port}` });
    const sessions = redisSession({ secret });
    onTestFinished(() => sessions.close());
    await sessions.ready();
    environment({ REDIS_PORT: "tcp://10.255.255.1:1", REDIS_URL: redis.url });
    const other = redisSession({ secret });
    onTestFinished(() => other.close());
    await other.ready();
  });
});

describe.skipIf(!canStartTls)("TLS", () => {
  async function open(options: object) {
    const server = await startTlsRedis({ name: "127.0.0.1" });
    onTestFinished(() => server.stop());
    return { server, sessions: make({ url: `rediss://127.0.0.1:${server.port}`, ...options }) };
  }
  function make(options: object) {
    const sessions = redisSession({ secret, connectTimeout: 1000, ...options });
    onTestFinished(() => sessions.close());
    return sessions;
  }
  const failure = (work: Promise<void>) =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  it("a certificate that nobody vouches for: HOLDFAST_REDIS_UNREACHABLE, reason tls", async () => {
    const { sessions } = await open({});
    expect(await failure(sessions.ready())).toMatchObject({ code: "HOLDFAST_REDIS_UNREACHABLE", reason: "tls" });
  });

  it("the program for Heroku connects there, and in development without TLS", async () => {
    const server = await startTlsRedis();
    onTestFinished(() => server.stop());
    const block = blockWith(page, "isHeroku");
    const run = async (env: Record<string, string>) => {
      environment(env);
      const app = express();
      const used: { ready(): Promise<void>; close(): Promise<void> }[] = [];
      app.use = ((one: never) => void used.push(one)) as never;
      await blocks.run(block, { app, secret });
      onTestFinished(() => used[0]!.close());
      await used[0]!.ready();
    };
    await run({ REDIS_URL: redis.url });
    await run({ REDIS_URL: `rediss://127.0.0.1:${server.port}`, DYNO: "web.1" });
  });

  it("tls with an address that has none is refused", () => {
    const insecure = { url: redis.url, secret, tls: { rejectUnauthorized: false } };
    expect(() => redisSession(insecure)).toThrow(expect.objectContaining({ code: "HOLDFAST_OPTION_INVALID" }));
  });

  it("redis:// for a server that wants TLS: reason timeout or reset", async () => {
    const { server } = await open({ tls: { rejectUnauthorized: false } });
    const sessions = make({ url: `redis://127.0.0.1:${server.port}` });
    const error = (await failure(sessions.ready())) as { code: string; reason: string };
    expect(error.code).toBe("HOLDFAST_REDIS_UNREACHABLE");
    expect(["timeout", "reset"]).toContain(error.reason);
  });
});

it.skipIf(!redisServerPath)(
  "a service that refuses CONFIG, ACL and SLOWLOG: those checks are skipped, eviction is not",
  async () => {
    const refused = ["CONFIG", "ACL", "SLOWLOG"].flatMap((command) => ["--rename-command", command, ""]);
    const server = await startRedis({ kind: "redis", args: ["--maxmemory-policy", "volatile-lru", ...refused] });
    onTestFinished(() => server.stop());
    const { stdout } = await pasted("npx holdfast doctor --json", { REDIS_URL: server.url });
    const { findings } = JSON.parse(stdout) as { findings: { check: string; level: string; found: string }[] };
    const of = (check: string) => findings.find((finding) => finding.check === check)!;
    expect(of("slow-log")).toMatchObject({ level: "skipped", found: expect.stringContaining("not checked") });
    expect(of("timeout").level).toBe("skipped");
    expect(of("eviction")).toMatchObject({ level: "warning", found: expect.stringContaining("volatile-lru") });
  },
);

it("its commands are those of the command", () => {
  const lines = blocksOf(page, "sh").flatMap(({ text }) => text.trim().split("\n"));
  expect(lines.filter((line) => line.startsWith("npx holdfast"))).toEqual(["npx holdfast doctor"]);
});
