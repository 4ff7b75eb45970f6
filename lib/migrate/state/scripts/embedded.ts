/** The Lua files of this folder, embedded by scripts/embed-lua.mjs. Do not edit. */
export const changeMoveSource = `if (redis.call("HGET", KEYS[1], "version") or "0") ~= ARGV[1] then
  return 0
end
for i = 2, #ARGV, 2 do
  if ARGV[i + 1] == "" then
    redis.call("HDEL", KEYS[1], ARGV[i])
  else
    redis.call("HSET", KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
redis.call("HINCRBY", KEYS[1], "version", 1)
return 1\n`;
export const hearProcessSource = `local time = redis.call("TIME")
local now = time[1] .. string.format("%03d", math.floor(time[2] / 1000))
if ARGV[1] then
  if ARGV[2] == "" then
    redis.call("HDEL", KEYS[2], ARGV[1])
  else
    redis.call("HSET", KEYS[2], ARGV[1], now .. " " .. ARGV[2])
  end
end
local fields = redis.call("HGETALL", KEYS[1])
table.insert(fields, "unmirrored")
table.insert(fields, tostring(redis.call("SCARD", KEYS[3])))
table.insert(fields, "now")
table.insert(fields, now)
return fields\n`;
