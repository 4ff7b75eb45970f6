-- Replaces a session with its new text, if what is stored is still what this request loaded.
--
-- KEYS[1]  the session's key
-- ARGV[1]  the text that was loaded
-- ARGV[2]  the new text
-- ARGV[3]  seconds to live; "0" for no expiry; "" to leave the expiry as it is
-- ARGV[4]  "1" to have changes by others announced: reads the key at the end, because the write ended its tracking
--
-- Output   1       replaced
--          0       the session is gone (destroyed or expired); nothing was written
--          string  another request saved first: the text that is stored now; nothing was written

local stored = redis.call("GET", KEYS[1])
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
return 1
