/** The Lua files of this folder, embedded by scripts/embed-lua.mjs. Do not edit. */
export const countSource = `local count = tonumber(redis.call("GET", KEYS[1]) or 0)
local change, limit = tonumber(ARGV[1]), tonumber(ARGV[3])
if change < 0 and count + change <= 0 then
  redis.call("DEL", KEYS[1])
  return {0, 0}
end
local isRefused = change > 0 and count + change > limit
if isRefused then
  count = limit + 1
else
  count = redis.call("INCRBY", KEYS[1], change)
end
if redis.call("PTTL", KEYS[1]) < 0 then redis.call("EXPIRE", KEYS[1], ARGV[2]) end
return {count, redis.call("PTTL", KEYS[1])}\n`;
