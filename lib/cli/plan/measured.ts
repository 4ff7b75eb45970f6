/** What a session was measured to cost: the medians of bench/results/plan.json, by `npm run bench:plan`. Generated. */
import type { Measured } from "./measurements.js";

export const measured: Measured = {
  machine: {
    processor: "Intel(R) Xeon(R) Processor",
    cores: 2,
    node: "20.20.2",
    redis: "Redis 7.0.15",
    date: "2026-11-27",
  },
  emptyServerBytes: 939368,
  sizes: [
    {
      bytes: 500,
      json: {
        memoryBytes: 668,
        read: { redisMicroseconds: 12.3, appMicroseconds: 49.9, bytesIn: 60.1, bytesOut: 509 },
        write: { redisMicroseconds: 25.6, appMicroseconds: 65.9, bytesIn: 1154, bytesOut: 4.07, bytesReplicated: 599 },
        nearHit: { appMicroseconds: 12.1 },
        nearWrite: {
          redisMicroseconds: 24.9,
          appMicroseconds: 59.4,
          bytesIn: 1155,
          bytesOut: 4.11,
          bytesReplicated: 600,
        },
      },
      hash: {
        memoryBytes: 1359,
        read: { redisMicroseconds: 15.6, appMicroseconds: 80.2, bytesIn: 64.1, bytesOut: 595 },
        write: { redisMicroseconds: 27.4, appMicroseconds: 111, bytesIn: 250, bytesOut: 4.11, bytesReplicated: 128 },
        nearHit: { appMicroseconds: 9.01 },
        nearWrite: {
          redisMicroseconds: 27.9,
          appMicroseconds: 92.6,
          bytesIn: 251,
          bytesOut: 4.11,
          bytesReplicated: 129,
        },
      },
    },
    {
      bytes: 2500,
      json: {
        memoryBytes: 2714,
        read: { redisMicroseconds: 15.5, appMicroseconds: 95.1, bytesIn: 61.1, bytesOut: 2510 },
        write: { redisMicroseconds: 40.8, appMicroseconds: 96.6, bytesIn: 5157, bytesOut: 4.11, bytesReplicated: 2601 },
        nearHit: { appMicroseconds: 46.3 },
        nearWrite: {
          redisMicroseconds: 42.9,
          appMicroseconds: 112,
          bytesIn: 5158,
          bytesOut: 4.11,
          bytesReplicated: 2602,
        },
      },
      hash: {
        memoryBytes: 3977,
        read: { redisMicroseconds: 19.5, appMicroseconds: 104, bytesIn: 65.1, bytesOut: 2684 },
        write: { redisMicroseconds: 29, appMicroseconds: 150, bytesIn: 251, bytesOut: 4.11, bytesReplicated: 129 },
        nearHit: { appMicroseconds: 27.8 },
        nearWrite: {
          redisMicroseconds: 31.2,
          appMicroseconds: 122,
          bytesIn: 252,
          bytesOut: 4.11,
          bytesReplicated: 130,
        },
      },
    },
    {
      bytes: 16000,
      json: {
        memoryBytes: 16542,
        read: { redisMicroseconds: 17.7, appMicroseconds: 169, bytesIn: 62.1, bytesOut: 16011 },
        write: { redisMicroseconds: 124, appMicroseconds: 208, bytesIn: 32160, bytesOut: 4.28, bytesReplicated: 16103 },
        nearHit: { appMicroseconds: 51.9 },
        nearWrite: {
          redisMicroseconds: 131,
          appMicroseconds: 211,
          bytesIn: 32161,
          bytesOut: 4.19,
          bytesReplicated: 16104,
        },
      },
      hash: {
        memoryBytes: 18491,
        read: { redisMicroseconds: 21.3, appMicroseconds: 164, bytesIn: 66.2, bytesOut: 16214 },
        write: { redisMicroseconds: 27.2, appMicroseconds: 153, bytesIn: 252, bytesOut: 4.15, bytesReplicated: 130 },
        nearHit: { appMicroseconds: 20.5 },
        nearWrite: { redisMicroseconds: 35, appMicroseconds: 142, bytesIn: 253, bytesOut: 4.15, bytesReplicated: 131 },
      },
    },
  ],
};
