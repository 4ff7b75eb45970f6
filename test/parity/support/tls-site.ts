/** An https site without certificates: both ends know a key (TLS-PSK), so that no private key lies in the repository. */
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Middleware } from "./middlewares.js";
import type { Handler, SessionRequest, Site } from "./site.js";

const psk = Buffer.alloc(32, "holdfast");
const ciphers = "PSK-AES128-GCM-SHA256";

export interface TlsSite extends Pick<Site, "close"> {
  /** The `Set-Cookie` lines of the answer. */
  cookies(headers?: Record<string, string>): Promise<string[]>;
}

export async function openTlsSite(middleware: Middleware, handler: Handler): Promise<TlsSite> {
  const server = createServer({ pskCallback: () => psk, ciphers, maxVersion: "TLSv1.2" }, (req, res) => {
    middleware(req, res, () => handler(req as SessionRequest, res));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const client = {
    pskCallback: () => ({ psk, identity: "test" }),
    checkServerIdentity: () => undefined,
    ciphers,
    maxVersion: "TLSv1.2" as const,
  };
  return {
    cookies: (headers = {}) =>
      new Promise((resolve, reject) => {
        const outgoing = request({ host: "127.0.0.1", port, headers, agent: false, ...client }, (answer) => {
          if (!(answer.socket as TLSSocket).encrypted) reject(new Error("the connection is not encrypted"));
          answer.resume().on("end", () => resolve(answer.headers["set-cookie"] ?? []));
        });
        outgoing.on("error", reject).end();
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
