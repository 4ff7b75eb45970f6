-- Replaces a session by its new text, if what is stored is still what this request loaded.
--
-- KEYS[1]  the session's key
-- ARGV[1]  the text that was loaded
-- ARGV[2]  the new text
-- ARGV[3]  seconds to live; "0" for no end
-- ARGV[4]  "1" if changes by others are to be announced: a read at the end, for the write ended the tracking of the key
--
-- Output   1       replaced
--          0       the session is gone (destroyed or expired); nothing was written
--          string  another request came first: the text that is stored now; nothing was written

local stored = redis.call("GET", KEYS[1])
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
return 1
