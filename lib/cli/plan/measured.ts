/** What a session was measured to cost: bench/results/plan.json, as `npm run bench:plan` wrote it. Generated. */
import type { Measured } from "./measurements.js";

export const measured: Measured = {
  machine: {
    processor: "AMD EPYC",
    cores: 2,
    node: "20.20.2",
    redis: "Redis 7.0.15",
    date: "2026-11-27",
  },
  method: {
    slices: 15,
    requestsPerSlice: 480,
    connections: 8,
    sessionsInMemory: 5000,
  },
  emptyServerBytes: 939368,
  sizes: [
    {
      bytes: 500,
      json: {
        memoryBytes: 668,
        read: {
          redisMicroseconds: {
            median: 10.5,
            low: 9.65,
            high: 10.8,
          },
          appMicroseconds: {
            median: 38.9,
            low: 28.9,
            high: 47.4,
          },
          bytesIn: {
            median: 60.1,
            low: 60.1,
            high: 60.6,
          },
          bytesOut: {
            median: 509,
            low: 509,
            high: 510,
          },
        },
        write: {
          redisMicroseconds: {
            median: 19.8,
            low: 18.1,
            high: 23.8,
          },
          appMicroseconds: {
            median: 61.6,
            low: 51.9,
            high: 72.1,
          },
          bytesIn: {
            median: 1154,
            low: 1154,
            high: 1155,
          },
          bytesOut: {
            median: 4.03,
            low: 4.03,
            high: 4.74,
          },
          bytesReplicated: {
            median: 599,
            low: 599,
            high: 599,
          },
        },
        nearHit: {
          appMicroseconds: {
            median: 6.03,
            low: 5.73,
            high: 6.54,
          },
        },
        nearWrite: {
          redisMicroseconds: {
            median: 20.2,
            low: 19.4,
            high: 22.7,
          },
          appMicroseconds: {
            median: 51.1,
            low: 48.2,
            high: 66.5,
          },
          bytesIn: {
            median: 1155,
            low: 1155,
            high: 1155,
          },
          bytesOut: {
            median: 4.03,
            low: 4.03,
            high: 4.03,
          },
          bytesReplicated: {
            median: 600,
            low: 600,
            high: 600,
          },
        },
      },
      hash: {
        memoryBytes: 1368,
        read: {
          redisMicroseconds: {
            median: 12.6,
            low: 12.3,
            high: 13.9,
          },
          appMicroseconds: {
            median: 47.5,
            low: 43.4,
            high: 51.1,
          },
          bytesIn: {
            median: 64.1,
            low: 64.1,
            high: 64.1,
          },
          bytesOut: {
            median: 595,
            low: 595,
            high: 595,
          },
        },
        write: {
          redisMicroseconds: {
            median: 19.7,
            low: 18.4,
            high: 22.1,
          },
          appMicroseconds: {
            median: 62.8,
            low: 55.3,
            high: 73.4,
          },
          bytesIn: {
            median: 250,
            low: 250,
            high: 250,
          },
          bytesOut: {
            median: 4.03,
            low: 4.03,
            high: 4.03,
          },
          bytesReplicated: {
            median: 128,
            low: 128,
            high: 128,
          },
        },
        nearHit: {
          appMicroseconds: {
            median: 8.33,
            low: 7.2,
            high: 8.98,
          },
        },
        nearWrite: {
          redisMicroseconds: {
            median: 24.8,
            low: 21.5,
            high: 32.3,
          },
          appMicroseconds: {
            median: 82.8,
            low: 61.3,
            high: 91.3,
          },
          bytesIn: {
            median: 251,
            low: 251,
            high: 252,
          },
          bytesOut: {
            median: 4.03,
            low: 4.03,
            high: 4.03,
          },
          bytesReplicated: {
            median: 129,
            low: 129,
            high: 129,
          },
        },
      },
    },
    {
      bytes: 2500,
      json: {
        memoryBytes: 2718,
        read: {
          redisMicroseconds: {
            median: 13.1,
            low: 11.9,
            high: 17,
          },
          appMicroseconds: {
            median: 64.6,
            low: 49.9,
            high: 73,
          },
          bytesIn: {
            median: 61.1,
            low: 61.1,
            high: 61.1,
          },
          bytesOut: {
            median: 2510,
            low: 2510,
            high: 2510,
          },
        },
        write: {
          redisMicroseconds: {
            median: 29.6,
            low: 27.5,
            high: 36.5,
          },
          appMicroseconds: {
            median: 90.2,
            low: 72.2,
            high: 107,
          },
          bytesIn: {
            median: 5157,
            low: 5157,
            high: 5157,
          },
          bytesOut: {
            median: 4.03,
            low: 4.03,
            high: 4.03,
          },
          bytesReplicated: {
            median: 2601,
            low: 2601,
            high: 2601,
          },
        },
        nearHit: {
          appMicroseconds: {
            median: 35.7,
            low: 20.9,
            high: 41.2,
          },
        },
        nearWrite: {
          redisMicroseconds: {
            median: 35.8,
            low: 30,
            high: 41.5,
          },
          appMicroseconds: {
            median: 99.4,
            low: 90.5,
            high: 112,
          },
          bytesIn: {
            median: 5158,
            low: 5158,
            high: 5158,
          },
          bytesOut: {
            median: 4.03,
            low: 4.03,
            high: 4.03,
          },
          bytesReplicated: {
            median: 2602,
            low: 2602,
            high: 2602,
          },
        },
      },
      hash: {
        memoryBytes: 3983,
        read: {
          redisMicroseconds: {
            median: 17.6,
            low: 16.7,
            high: 19.3,
          },
          appMicroseconds: {
            median: 77.5,
            low: 66.9,
            high: 90.6,
          },
          bytesIn: {
            median: 65.1,
            low: 65.1,
            high: 65.1,
          },
          bytesOut: {
            median: 2684,
            low: 2684,
            high: 2684,
          },
        },
        write: {
          redisMicroseconds: {
            median: 21.4,
            low: 20.4,
            high: 28.4,
          },
          appMicroseconds: {
            median: 90.8,
            low: 75.3,
            high: 112,
          },
          bytesIn: {
            median: 251,
            low: 251,
            high: 252,
          },
          bytesOut: {
            median: 4.03,
            low: 4.03,
            high: 4.03,
          },
          bytesReplicated: {
            median: 129,
            low: 129,
            high: 129,
          },
        },
        nearHit: {
          appMicroseconds: {
            median: 17.2,
            low: 14.9,
            high: 30.3,
          },
        },
        nearWrite: {
          redisMicroseconds: {
            median: 28.3,
            low: 24.3,
            high: 30.5,
          },
          appMicroseconds: {
            median: 106,
            low: 95.2,
            high: 116,
          },
          bytesIn: {
            median: 252,
            low: 252,
            high: 253,
          },
          bytesOut: {
            median: 4.03,
            low: 4.03,
            high: 4.11,
          },
          bytesReplicated: {
            median: 130,
            low: 130,
            high: 130,
          },
        },
      },
    },
    {
      bytes: 16000,
      json: {
        memoryBytes: 16538,
        read: {
          redisMicroseconds: {
            median: 14.3,
            low: 13.5,
            high: 18,
          },
          appMicroseconds: {
            median: 94.7,
            low: 85.3,
            high: 119,
          },
          bytesIn: {
            median: 62.1,
            low: 62.1,
            high: 62.1,
          },
          bytesOut: {
            median: 16011,
            low: 16011,
            high: 16011,
          },
        },
        write: {
          redisMicroseconds: {
            median: 80.8,
            low: 78.7,
            high: 97.7,
          },
          appMicroseconds: {
            median: 148,
            low: 127,
            high: 230,
          },
          bytesIn: {
            median: 32160,
            low: 32160,
            high: 32161,
          },
          bytesOut: {
            median: 4.03,
            low: 4.03,
            high: 6.03,
          },
          bytesReplicated: {
            median: 16103,
            low: 16103,
            high: 16103,
          },
        },
        nearHit: {
          appMicroseconds: {
            median: 42.6,
            low: 32.6,
            high: 47.5,
          },
        },
        nearWrite: {
          redisMicroseconds: {
            median: 93.5,
            low: 86.7,
            high: 106,
          },
          appMicroseconds: {
            median: 174,
            low: 157,
            high: 259,
          },
          bytesIn: {
            median: 32162,
            low: 32161,
            high: 32162,
          },
          bytesOut: {
            median: 4.74,
            low: 4.03,
            high: 6.03,
          },
          bytesReplicated: {
            median: 16104,
            low: 16104,
            high: 16104,
          },
        },
      },
      hash: {
        memoryBytes: 18629,
        read: {
          redisMicroseconds: {
            median: 22.2,
            low: 20.7,
            high: 25.8,
          },
          appMicroseconds: {
            median: 116,
            low: 100,
            high: 135,
          },
          bytesIn: {
            median: 66.1,
            low: 66.1,
            high: 67,
          },
          bytesOut: {
            median: 16214,
            low: 16214,
            high: 16215,
          },
        },
        write: {
          redisMicroseconds: {
            median: 21.9,
            low: 21.3,
            high: 25.1,
          },
          appMicroseconds: {
            median: 98.7,
            low: 95.1,
            high: 105,
          },
          bytesIn: {
            median: 252,
            low: 252,
            high: 252,
          },
          bytesOut: {
            median: 4.03,
            low: 4.03,
            high: 4.03,
          },
          bytesReplicated: {
            median: 130,
            low: 130,
            high: 130,
          },
        },
        nearHit: {
          appMicroseconds: {
            median: 19.5,
            low: 16.4,
            high: 34.9,
          },
        },
        nearWrite: {
          redisMicroseconds: {
            median: 26.7,
            low: 23.6,
            high: 31.1,
          },
          appMicroseconds: {
            median: 122,
            low: 104,
            high: 140,
          },
          bytesIn: {
            median: 253,
            low: 253,
            high: 254,
          },
          bytesOut: {
            median: 4.03,
            low: 4.03,
            high: 4.03,
          },
          bytesReplicated: {
            median: 131,
            low: 131,
            high: 131,
          },
        },
      },
    },
  ],
};
