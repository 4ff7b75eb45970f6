/**
 * The package `redis`, loaded with the first connection: see docs/architecture.md. In CommonJS, because `require()` loads
 * without making the caller wait, and bundlers follow it.
 */
import type Redis = require("redis");

export = function redisPackage(): typeof Redis {
  return require("redis");
};
