/** Starts a real Redis that speaks only TLS, with a certificate authority made for the test file. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { freePort } from "./free-port.js";
import { findProgram, redisServerPath } from "../programs.js";

export interface TestTlsRedis {
  readonly port: number;
  /** The certificates as text. */
  readonly ca: string;
  readonly clientCert: string;
  readonly clientKey: string;
  stop(): Promise<void>;
}

/** Whether this machine's redis-server was built with TLS and openssl is there. */
export const canStartTls =
  redisServerPath !== undefined && findProgram("openssl") !== undefined && knowsTls(redisServerPath);

export interface TlsServerOptions {
  /** Whether the server asks clients for a certificate. Default false. */
  clientCertificates?: boolean;
  /** Lines of an ACL file: `user shop on ...`. */
  acl?: string[];
  /** The name in the server's certificate. Default `redis.internal`. */
  name?: string;
}

export async function startTlsRedis(options: TlsServerOptions = {}): Promise<TestTlsRedis> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-tls-"));
  const path = (name: string) => join(folder, name);
  let server: ChildProcess | undefined;
  const kill = () => void server?.kill("SIGKILL");
  process.once("exit", kill);
  const stop = async () => {
    process.off("exit", kill);
    kill();
    if (server && server.exitCode === null && server.signalCode === null) await once(server, "exit");
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    makeCertificates(folder, options.name ?? "redis.internal");
    const port = await freePort();
    const args = ["--port", "0", "--tls-port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder];
    args.push("--tls-cert-file", path("server.crt"), "--tls-key-file", path("server.key"));
    args.push("--tls-ca-cert-file", path("ca.crt"), "--tls-auth-clients", options.clientCertificates ? "yes" : "no");
    if (options.acl) {
      writeFileSync(path("users.acl"), options.acl.join("\n") + "\n");
      args.push("--aclfile", path("users.acl"));
    }
    server = spawn(redisServerPath!, args, { stdio: "ignore" });
    const read = (name: string) => readFileSync(path(name), "utf8");
    const tls = { port, ca: read("ca.crt"), clientCert: read("client.crt"), clientKey: read("client.key") };
    await untilListening(tls, server);
    return { ...tls, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** An authority, a server's certificate for `name`, and a client's. */
function makeCertificates(folder: string, name: string): void {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-days",
    "2",
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
    "-subj",
    "/CN=test authority",
  );
  writeFileSync(join(folder, "server.ext"), `subjectAltName=DNS:${name}\n`);
  writeFileSync(join(folder, "client.ext"), "extendedKeyUsage=clientAuth\n");
  for (const [file, subject] of [
    ["server", name],
    ["client", "shop"],
  ] as const) {
    openssl("req", ...newKey, "-keyout", `${file}.key`, "-out", `${file}.csr`, "-subj", `/CN=${subject}`);
    const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", `${file}.ext`];
    openssl("x509", "-req", "-in", `${file}.csr`, "-out", `${file}.crt`, ...signed);
  }
}

async function untilListening(tls: Omit<TestTlsRedis, "stop">, server: ChildProcess): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    if (server.exitCode !== null) throw new Error(`the Redis server ended with code ${server.exitCode}`);
    const options = { port: tls.port, ca: tls.ca, cert: tls.clientCert, key: tls.clientKey, rejectUnauthorized: false };
    const socket = connect(options);
    const isListening = await once(socket, "secureConnect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isListening) return;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  throw new Error("the Redis server did not listen within 10 s");
}

/** A server without TLS stumbles over the first of two settings, one with TLS over the second. */
function knowsTls(program: string): boolean {
  const { stdout, stderr } = spawnSync(program, ["--tls-port", "0", "--no-such-setting", "0"], { encoding: "utf8" });
  return !/>>> 'tls-port/.test(stdout + stderr);
}
