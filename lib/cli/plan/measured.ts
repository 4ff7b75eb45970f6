/** What a session was measured to cost: the medians of bench/results/plan.json, by `npm run bench:plan`. Generated. */
import type { Measured } from "./measurements.js";

export const measured: Measured = {
  machine: { processor: "AMD EPYC", cores: 2, node: "20.20.2", redis: "Redis 7.0.15", date: "2026-11-27" },
  emptyServerBytes: 939368,
  sizes: [
    {
      bytes: 500,
      json: {
        memoryBytes: 668,
        read: { redisMicroseconds: 10.5, appMicroseconds: 38.9, bytesIn: 60.1, bytesOut: 509 },
        write: { redisMicroseconds: 19.8, appMicroseconds: 61.6, bytesIn: 1154, bytesOut: 4.03, bytesReplicated: 599 },
        nearHit: { appMicroseconds: 6.03 },
        nearWrite: {
          redisMicroseconds: 20.2,
          appMicroseconds: 51.1,
          bytesIn: 1155,
          bytesOut: 4.03,
          bytesReplicated: 600,
        },
      },
      hash: {
        memoryBytes: 1368,
        read: { redisMicroseconds: 12.6, appMicroseconds: 47.5, bytesIn: 64.1, bytesOut: 595 },
        write: { redisMicroseconds: 19.7, appMicroseconds: 62.8, bytesIn: 250, bytesOut: 4.03, bytesReplicated: 128 },
        nearHit: { appMicroseconds: 8.33 },
        nearWrite: {
          redisMicroseconds: 24.8,
          appMicroseconds: 82.8,
          bytesIn: 251,
          bytesOut: 4.03,
          bytesReplicated: 129,
        },
      },
    },
    {
      bytes: 2500,
      json: {
        memoryBytes: 2718,
        read: { redisMicroseconds: 13.1, appMicroseconds: 64.6, bytesIn: 61.1, bytesOut: 2510 },
        write: { redisMicroseconds: 29.6, appMicroseconds: 90.2, bytesIn: 5157, bytesOut: 4.03, bytesReplicated: 2601 },
        nearHit: { appMicroseconds: 35.7 },
        nearWrite: {
          redisMicroseconds: 35.8,
          appMicroseconds: 99.4,
          bytesIn: 5158,
          bytesOut: 4.03,
          bytesReplicated: 2602,
        },
      },
      hash: {
        memoryBytes: 3983,
        read: { redisMicroseconds: 17.6, appMicroseconds: 77.5, bytesIn: 65.1, bytesOut: 2684 },
        write: { redisMicroseconds: 21.4, appMicroseconds: 90.8, bytesIn: 251, bytesOut: 4.03, bytesReplicated: 129 },
        nearHit: { appMicroseconds: 17.2 },
        nearWrite: {
          redisMicroseconds: 28.3,
          appMicroseconds: 106,
          bytesIn: 252,
          bytesOut: 4.03,
          bytesReplicated: 130,
        },
      },
    },
    {
      bytes: 16000,
      json: {
        memoryBytes: 16538,
        read: { redisMicroseconds: 14.3, appMicroseconds: 94.7, bytesIn: 62.1, bytesOut: 16011 },
        write: {
          redisMicroseconds: 80.8,
          appMicroseconds: 148,
          bytesIn: 32160,
          bytesOut: 4.03,
          bytesReplicated: 16103,
        },
        nearHit: { appMicroseconds: 42.6 },
        nearWrite: {
          redisMicroseconds: 93.5,
          appMicroseconds: 174,
          bytesIn: 32162,
          bytesOut: 4.74,
          bytesReplicated: 16104,
        },
      },
      hash: {
        memoryBytes: 18629,
        read: { redisMicroseconds: 22.2, appMicroseconds: 116, bytesIn: 66.1, bytesOut: 16214 },
        write: { redisMicroseconds: 21.9, appMicroseconds: 98.7, bytesIn: 252, bytesOut: 4.03, bytesReplicated: 130 },
        nearHit: { appMicroseconds: 19.5 },
        nearWrite: {
          redisMicroseconds: 26.7,
          appMicroseconds: 122,
          bytesIn: 253,
          bytesOut: 4.03,
          bytesReplicated: 131,
        },
      },
    },
  ],
};
