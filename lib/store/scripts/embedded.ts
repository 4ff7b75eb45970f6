/** The Lua files of this folder, embedded by scripts/embed-lua.mjs. Do not edit. */
export const createHashSource = `redis.call("DEL", KEYS[1])
for i = 2, #ARGV, 2 do
  redis.call("HSET", KEYS[1], ARGV[i], ARGV[i + 1])
end
if ARGV[1] ~= "0" then
  redis.call("EXPIRE", KEYS[1], ARGV[1])
end
return 1\n`;
export const overwriteSource = `if redis.call("TYPE", KEYS[1]).ok == "string" and redis.call("STRLEN", KEYS[1]) == 0 then
  return "dead"
end
if ARGV[2] == "0" then
  redis.call("SET", KEYS[1], ARGV[1])
else
  redis.call("SET", KEYS[1], ARGV[1], "EX", ARGV[2])
end
return "put"\n`;
export const replaceSource = `local stored = redis.call("GET", KEYS[1])
if not stored or stored == "" then
  return 0
end
if stored ~= ARGV[1] then
  return stored
end
if ARGV[3] == "0" then
  redis.call("SET", KEYS[1], ARGV[2])
else
  redis.call("SET", KEYS[1], ARGV[2], "EX", ARGV[3])
end
if ARGV[4] == "1" then
  redis.call("EXISTS", KEYS[1])
end
return 1\n`;
export const replaceFieldsSource = `local fields = { "cookie" }
for i = 4, #ARGV, 4 do
  fields[#fields + 1] = ARGV[i]
end
local stored = redis.call("HMGET", KEYS[1], unpack(fields))
if not stored[1] then
  return 0
end
local written = {}
local removed = {}
local n = 1
for i = 3, #ARGV, 4 do
  local kind, field, expected, value = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  n = n + 1
  local now = stored[n] or ""
  if kind == "sum" and (now == "" or string.match(now, "^%-?%d+$")) and #now < 16 then
    value = string.format("%.0f", (tonumber(now) or 0) + tonumber(value))
  elseif (kind == "max" or kind == "min") and now ~= expected and (now == "" or tonumber(now)) then
    local mine, theirs = tonumber(value), tonumber(now) or tonumber(value)
    if (kind == "max" and theirs > mine) or (kind == "min" and theirs < mine) then
      value = now
    end
  elseif kind == "sum" or now ~= expected then
    return redis.call("HGETALL", KEYS[1])
  end
  if value == "" then
    removed[#removed + 1] = field
  elseif value ~= now then
    written[#written + 1] = field
    written[#written + 1] = value
  end
end
if #written > 0 then
  redis.call("HSET", KEYS[1], unpack(written))
end
if #removed > 0 then
  redis.call("HDEL", KEYS[1], unpack(removed))
end
if ARGV[1] ~= "" then
  redis.call("EXPIRE", KEYS[1], ARGV[1])
end
if ARGV[2] == "1" then
  redis.call("EXISTS", KEYS[1])
end
return 1\n`;
export const replaceHashSource = `local length = redis.call("HLEN", KEYS[1])
if length == 0 then
  return 0
end
if length * 2 ~= #ARGV - 2 then
  return -1
end
for i = 3, #ARGV, 2 do
  if redis.call("HGET", KEYS[1], ARGV[i]) ~= ARGV[i + 1] then
    return -1
  end
end
if ARGV[2] == "0" then
  redis.call("SET", KEYS[1], ARGV[1])
else
  redis.call("SET", KEYS[1], ARGV[1], "EX", ARGV[2])
end
return 1\n`;
export const replaceTextSource = `local stored = redis.call("GET", KEYS[1])
if not stored or stored == "" then
  return 0
end
if stored ~= ARGV[1] then
  return -1
end
redis.call("DEL", KEYS[1])
for i = 3, #ARGV, 2 do
  redis.call("HSET", KEYS[1], ARGV[i], ARGV[i + 1])
end
if ARGV[2] ~= "0" then
  redis.call("EXPIRE", KEYS[1], ARGV[2])
end
return 1\n`;
export const standingSource = `local kind = redis.call("TYPE", KEYS[1]).ok
if kind == "none" then
  return "none"
end
if kind == "string" and redis.call("STRLEN", KEYS[1]) == 0 then
  return "dead"
end
return "lives"\n`;
