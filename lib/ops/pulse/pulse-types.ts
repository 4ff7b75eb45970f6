/** What a process tells about itself, and what is computed from it. */
import type { OutageReason } from "../../signals/index.js";

/** How often something has happened. */
export interface PulseCounts {
  /** The number of requests that came with a session cookie: `found` and `missing`. */
  readonly requests: number;
  /** The number of requests whose session was found. */
  readonly found: number;
  /** The number of requests whose cookie is valid, but whose session does not exist. */
  readonly missing: number;
  /** The number of changes that were written, `merged` ones included. */
  readonly saves: number;
  /** The number of changes that were merged with what other requests had saved. */
  readonly merged: number;
  /** The number of saves that wrote nothing because the session had ended meanwhile. */
  readonly gone: number;
  /** The number of saves that were refused because of `maxBytes`. */
  readonly refused: number;
  /** How often anything else failed. */
  readonly failures: number;
  /** The number of lookups that the near cache answered. */
  readonly nearCacheHits: number;
  /** The number of lookups that it did not answer; 0 if there is no near cache. */
  readonly nearCacheMisses: number;
}

/** How long operations took. */
export interface PulseTimes {
  /** Milliseconds within which half of them were done. */
  readonly p50: number;
  /** Milliseconds within which 95% of them were done. */
  readonly p95: number;
  /** Milliseconds within which 99% of them were done. */
  readonly p99: number;
}

/** What a process sees of Redis. */
export interface PulseRedis {
  /** False during an outage, also of a single server of a cluster. */
  readonly isAvailable: boolean;
  /** The number of commands that wait for their reply. */
  readonly inFlight: number;
  /** The number of outages since the process started. */
  readonly outages: number;
  /** The last outage that has ended. */
  readonly lastOutage?:
    | {
        /** When it ended, in milliseconds since 1970. */
        readonly at: number;
        /** Its length in milliseconds. */
        readonly duration: number;
        readonly reason: OutageReason;
      }
    | undefined;
}

/** One middleware in one process. Times are by the clock of its machine. */
export interface Pulse {
  /** A random id, new for each start. */
  readonly id: string;
  /** The option `name`. */
  readonly name: string;
  /** The name of the machine. */
  readonly host: string;
  /** The process number on that machine. */
  readonly pid: number;
  /** The version of the app; "" if it is not known. */
  readonly version: string;
  /** When `pulse()` was called, in milliseconds since 1970. */
  readonly started: number;
  /** When this was sent, in milliseconds since 1970. */
  readonly at: number;
  /** The length in seconds of the interval that `counts`, `perSecond`, `find`, `save` and `eventLoop` are about. */
  readonly seconds: number;
  readonly counts: PulseCounts;
  /** `counts` per second. */
  readonly perSecond: PulseCounts;
  /** Counts since the process started. */
  readonly total: PulseCounts;
  /** How long it took to find sessions in the store; `undefined` if none was looked up. */
  readonly find?: PulseTimes | undefined;
  /** How long it took to save. */
  readonly save?: PulseTimes | undefined;
  readonly redis: PulseRedis;
  readonly eventLoop: {
    /** How late timers were, in milliseconds: 99% were less late than this. */
    readonly delay: number;
    /** The share of the time in which the event loop was busy, from 0 to 1. */
    readonly utilization: number;
  };
  /** In bytes. */
  readonly memory: { readonly rss: number; readonly heapUsed: number };
}

/** All processes together. */
export interface PulseSum {
  /** The number of processes. */
  readonly processes: number;
  /** The number of processes for which Redis is not available. */
  readonly withoutRedis: number;
  readonly counts: PulseCounts;
  readonly perSecond: PulseCounts;
  readonly total: PulseCounts;
  /** Those of the slowest process. */
  readonly find?: PulseTimes | undefined;
  readonly save?: PulseTimes | undefined;
  /** The number of commands that wait for their reply. */
  readonly inFlight: number;
  /** Those of the busiest process. */
  readonly eventLoop: { readonly delay: number; readonly utilization: number };
  readonly memory: { readonly rss: number; readonly heapUsed: number };
}

/** What is stored; the rest is computed when it is read. */
export type StoredPulse = Omit<Pulse, "perSecond">;
