/** The Lua files of this folder, embedded by scripts/embed-lua.mjs. Do not edit. */
export const leavePulseSource = `local now = tonumber(redis.call("TIME")[1])
redis.call("SET", KEYS[2], ARGV[2], "EX", ARGV[3])
redis.call("ZADD", KEYS[1], now + ARGV[3], ARGV[1])
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now - 1)
redis.call("EXPIRE", KEYS[1], ARGV[4])\n`;
