/** What is used of the clients of @valkey/valkey-glide. */
import { propertyOf } from "../../errors/index.js";

/** Where a command of a cluster client goes. */
export type GlideRoute =
  { type: "primarySlotKey"; key: string } | { type: "routeByAddress"; host: string; port: number } | "randomNode";

export interface GlideClient {
  /** Its owner has closed it; it cannot be opened again. */
  readonly isClosed?: unknown;
  readonly config?: GlideConfig;
  customCommand(args: string[], options?: { decoder: number; route?: GlideRoute }): Promise<unknown>;
}

interface GlideConfig {
  readonly addresses?: readonly { readonly host?: string; readonly port?: number }[];
  readonly useTLS?: boolean;
  readonly credentials?: { readonly username?: string };
  readonly databaseId?: number;
  readonly readFrom?: string;
  readonly compression?: { readonly enabled?: boolean };
  readonly clientSideCache?: { readonly serverAssisted?: boolean };
}

export function isGlide(client: object): client is GlideClient {
  // Batches have the same commands, but cannot be closed.
  const needed = ["customCommand", "invokeScript", "hgetall", "close"];
  return needed.every((name) => typeof propertyOf(client, name) === "function");
}

export function isGlideCluster(client: object): boolean {
  return typeof propertyOf(client, "fcallWithRoute") === "function";
}

/** A sentence about settings with which sessions would be lost or old; `undefined` if there are none. */
export function unfitSettings(client: GlideClient): string | undefined {
  const { clientSideCache, compression, readFrom = "primary" } = client.config ?? {};
  if (readFrom !== "primary" && !isGlideCluster(client)) {
    return (
      `This one reads from replicas (\`readFrom: "${readFrom}"\`), which do not have at once what was written: create one ` +
      "without `readFrom` for sessions."
    );
  }
  if (compression?.enabled) {
    return (
      "This one compresses values (`compression`), which scripts in Redis cannot compare: create one without it for " +
      "sessions, and use the option `compress` of the store."
    );
  }
  if (clientSideCache && !clientSideCache.serverAssisted) {
    return (
      "This one answers from a cache that does not hear of changes (`clientSideCache`): create one without it for " +
      "sessions."
    );
  }
  return undefined;
}

/** `Decoder.Bytes` of the library: its texts fail if they are not UTF-8. */
export const bytes = 0;
