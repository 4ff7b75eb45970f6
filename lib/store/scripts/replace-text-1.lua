-- Replaces a session that lies in a string (layout `json`) by a hash, if the string is what this request loaded.
--
-- KEYS[1]  the session's key
-- ARGV[1]  the text that was loaded
-- ARGV[2]  seconds to live; "0" for no end
-- ARGV[3+] name, value, name, value, ...
--
-- Output   1   replaced
--          0   the session is gone; nothing was written
--          -1  another request came first; nothing was written

local stored = redis.call("GET", KEYS[1])
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
return 1
