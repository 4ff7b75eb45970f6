-- Changes fields of a session, if none of them changed since this request loaded them. Counters may have changed: they
-- are merged here.
--
-- KEYS[1]  the session's key
-- ARGV[1]  seconds to live; "" to leave the expiry as it is
-- ARGV[2]  "1" to have changes by others announced: reads the key at the end, because the write ended its tracking
-- ARGV[3]  how many fields there must be; "" if others may have been added
-- ARGV[4+] groups of four: kind, field, expected, value ("" for "not there")
--            set       writes value ("" removes the field) if expected is stored
--            sum       adds the integer value
--            max, min  writes value if expected is stored, else the larger (smaller) number
--          a list that is too long for arguments is passed as JSON in one
--
-- Output   1      changed
--          0      the session is gone (destroyed or expired); nothing was written
--          array  a field changed, or was added: all fields as they are now; nothing was written

-- A call takes a limited number of arguments from a table, so sessions with many fields are read and written in parts.
local part = 1000
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
return 1
