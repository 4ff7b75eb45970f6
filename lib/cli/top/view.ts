/** What `holdfast top` shows: what was read from Redis, and whether that is still true. */
import type { Pulses } from "../../ops/index.js";
import type { Failure } from "../failure.js";
import type { RedisMemory } from "../../ops/redis-memory.js";

export interface View {
  /** When it was read, in milliseconds since 1970. */
  readonly at: number;
  /** The address of Redis, without user and password. */
  readonly address: string;
  /** The key of the pulses. */
  readonly key: string;
  readonly pulses: Pulses;
  readonly memory: RedisMemory;
}

/** Set if a later view could not be read. */
export interface Problem extends Pick<Failure, "code" | "message"> {
  /** The age of the view in seconds. */
  readonly age: number;
}

export interface Shown {
  readonly view: View;
  readonly problem?: Problem | undefined;
  /** Whether a process has been seen since the command was started. */
  readonly hadProcesses: boolean;
}
