/** The Lua files of this folder, embedded by scripts/embed-lua.mjs. Do not edit. */
export const bringSource = `local kind = redis.call("TYPE", KEYS[1]).ok
if kind == "string" then
  return redis.call("STRLEN", KEYS[1]) > 0 and 1 or 0
elseif kind == "hash" then
  return redis.call("HGET", KEYS[1], "cookie") and 1 or 0
elseif kind ~= "none" then
  return 0
end
local other = redis.call("TYPE", KEYS[2]).ok
if other ~= "hash" and (other ~= "string" or redis.call("STRLEN", KEYS[2]) == 0) then
  return 0
end
redis.call("RENAME", KEYS[2], KEYS[1])
return 2\n`;
export const createHashSource = `local list, first = ARGV, 2
if #ARGV == 2 then
  list, first = cjson.decode(ARGV[2]), 1
end
for i = 1, #KEYS do
  redis.call("DEL", KEYS[i])
end
for i = first, #list, 2 do
  redis.call("HSET", KEYS[1], list[i], list[i + 1])
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
export const presenceSource = `local kind = redis.call("TYPE", KEYS[1]).ok
if kind == "none" then
  return "none"
end
if kind == "string" and redis.call("STRLEN", KEYS[1]) == 0 then
  return "dead"
end
return "lives"\n`;
export const putSource = `redis.call("UNLINK", KEYS[2])
if ARGV[2] == "0" then
  redis.call("SET", KEYS[1], ARGV[1])
else
  redis.call("SET", KEYS[1], ARGV[1], "EX", ARGV[2])
end
return 1\n`;
export const replaceSource = `local stored = redis.call("GET", KEYS[1])
if not stored or stored == "" then
  return 0
end
if stored ~= ARGV[1] then
  return stored
end
if ARGV[3] == "0" then
  redis.call("SET", KEYS[1], ARGV[2])
elseif ARGV[3] == "" then
  redis.call("SET", KEYS[1], ARGV[2], "KEEPTTL")
else
  redis.call("SET", KEYS[1], ARGV[2], "EX", ARGV[3])
end
if ARGV[4] == "1" then
  redis.call("EXISTS", KEYS[1])
end
return 1\n`;
export const replaceFieldsSource = `local part = 1000
local function inParts(command, list)
  for first = 1, #list, part do
    redis.call(command, KEYS[1], unpack(list, first, math.min(first + part - 1, #list)))
  end
end
local list, begin = ARGV, 4
if #ARGV == 4 then
  list, begin = cjson.decode(ARGV[4]), 1
end
local stored = {}
local first = begin
repeat
  local fields = { "cookie" }
  for i = first, math.min(first + 4 * part - 4, #list), 4 do
    fields[#fields + 1] = list[i + 1]
  end
  local values = redis.call("HMGET", KEYS[1], unpack(fields))
  if not values[1] then
    return 0
  end
  for i = 2, #fields do
    stored[first + 4 * (i - 2)] = values[i]
  end
  first = first + 4 * part
until first > #list
if ARGV[3] ~= "" and redis.call("HLEN", KEYS[1]) ~= tonumber(ARGV[3]) then
  return redis.call("HGETALL", KEYS[1])
end
local written = {}
local removed = {}
for i = begin, #list, 4 do
  local kind, field, expected, value = list[i], list[i + 1], list[i + 2], list[i + 3]
  local now = stored[i] or ""
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
inParts("HSET", written)
inParts("HDEL", removed)
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
local list, first = ARGV, 3
if #ARGV == 3 then
  list, first = cjson.decode(ARGV[3]), 1
end
if length * 2 ~= #list - first + 1 then
  return -1
end
for i = first, #list, 2 do
  if redis.call("HGET", KEYS[1], list[i]) ~= list[i + 1] then
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
local list, first = ARGV, 3
if #ARGV == 3 then
  list, first = cjson.decode(ARGV[3]), 1
end
redis.call("DEL", KEYS[1])
for i = first, #list, 2 do
  redis.call("HSET", KEYS[1], list[i], list[i + 1])
end
if ARGV[2] ~= "0" then
  redis.call("EXPIRE", KEYS[1], ARGV[2])
end
return 1\n`;
export const writeMissingSource = `local written = {}
for i, key in ipairs(KEYS) do
  local text, seconds = ARGV[2 * i - 1], ARGV[2 * i]
  local reply
  if seconds == "0" then
    reply = redis.call("SET", key, text, "NX")
  else
    reply = redis.call("SET", key, text, "NX", "EX", seconds)
  end
  written[i] = reply and 1 or 0
end
return written\n`;
