-- Replaces a session stored as a string (layout `json`) with a hash, if the string is what this request loaded.
--
-- KEYS[1]  the session's key
-- ARGV[1]  the text that was loaded
-- ARGV[2]  seconds to live; "0" for no expiry
-- ARGV[3+] name, value, name, value, ...; a list that is too long is passed as JSON in one argument
--
-- Output   1   replaced
--          0   the session is gone; nothing was written
--          -1  another request saved first; nothing was written

local stored = redis.call("GET", KEYS[1])
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
return 1
