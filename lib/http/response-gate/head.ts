/** Adds headers to a head that is about to be sent. */
import type { ServerResponse } from "node:http";
import onHeaders from "on-headers";
import type { AnyFunction } from "./patch.js";

/** A `writeHead` that calls `listener` first. on-headers also handles headers passed to `writeHead` itself. */
export function withHeadListener(writeHead: AnyFunction, listener: () => void): AnyFunction {
  const layer = { writeHead };
  onHeaders(layer as unknown as ServerResponse, listener); // it uses nothing but `writeHead`
  return layer.writeHead;
}
