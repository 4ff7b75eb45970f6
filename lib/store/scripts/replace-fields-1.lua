-- Changes fields of a session, if none of them moved since this request loaded them. Counters may have moved: they are
-- merged here.
--
-- KEYS[1]  the session's key
-- ARGV[1]  seconds to live; "" to leave the end as it is
-- ARGV[2]  "1" if changes by others are to be announced: a read at the end, for the write ended the tracking of the key
-- ARGV[3+] groups of four: kind, field, expected, value ("" for "not there")
--            set       writes value (removes the field without one) if expected is there
--            sum       adds the integer value
--            max, min  writes value if expected is there, else the larger (smaller) number
--
-- Output   1      changed
--          0      the session is gone (destroyed or expired); nothing was written
--          array  a field moved: all fields as they are now; nothing was written

local fields = { "cookie" }
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
return 1
