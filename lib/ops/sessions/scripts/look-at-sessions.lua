-- Reads sessions, in either layout: what they hold, how large they are, and how long they live.
--
-- KEYS      the keys; on a cluster, one
-- ARGV[1]   the most bytes that values may have in total; further ones are left out, to be read one by one
-- ARGV[2]   text that a value must contain to be returned; "" for any. A packed value ("~...") may contain it.
-- ARGV[3+]  the fields of a hash that are needed; none for all
--
-- Output    for each string and hash: its number in KEYS, milliseconds to live or -1, bytes, and its value: a text, or a
--           list of names and values, or nil if it was left out. Tombstones and other types are skipped.

local found = {}
local room = tonumber(ARGV[1])
local wanted = ARGV[2]
local function mayContain(text)
  return string.sub(text, 1, 1) == "~" or string.find(text, wanted, 1, true) ~= nil
end
local isNeeded = {}
for i = 3, #ARGV do
  isNeeded[ARGV[i]] = true
end
for i = 1, #KEYS do
  local key = KEYS[i]
  local kind = redis.call("TYPE", key).ok
  local size = 0
  local value = false
  local isWanted = wanted == ""
  if kind == "string" then
    size = redis.call("STRLEN", key)
    if not isWanted then
      value = redis.call("GET", key)
      isWanted = mayContain(value)
      if size > room then
        value = false
      end
    elseif size <= room then
      value = redis.call("GET", key)
    end
  elseif kind == "hash" then
    local fields = redis.call("HGETALL", key)
    value = {}
    local bytes = 0
    for f = 1, #fields, 2 do
      size = size + #fields[f] + #fields[f + 1]
      if #ARGV == 2 or isNeeded[fields[f]] then
        bytes = bytes + #fields[f] + #fields[f + 1]
        value[#value + 1] = fields[f]
        value[#value + 1] = fields[f + 1]
        isWanted = isWanted or mayContain(fields[f + 1])
      end
    end
    if bytes > room then
      value = false
    end
  end
  if size > 0 and isWanted then
    if type(value) == "string" then
      room = room - #value
    elseif value then
      room = room - size
    end
    found[#found + 1] = { i, redis.call("PTTL", key), size, value }
  end
end
return found
