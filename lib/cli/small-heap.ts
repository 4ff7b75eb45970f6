/** A list of a million sessions leaves much garbage behind. It is collected often, so that the process stays small. */
import { setFlagsFromString } from "node:v8";

/** Call it before other modules are loaded. Both flags only decide when V8 collects and grows its heap, at any time. */
export function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--optimize-for-size");
}
