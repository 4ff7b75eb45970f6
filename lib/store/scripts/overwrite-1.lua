-- Writes a session whole, unless it was destroyed.
--
-- KEYS[1]  the session's key
-- ARGV[1]  the text
-- ARGV[2]  seconds to live; "0" for no end
-- ARGV[3]  "1" to write only where nothing is
--
-- Output   "put", "there" (something is, and it was to stay) or "dead" (a tombstone; nothing was written)

local kind = redis.call("TYPE", KEYS[1]).ok
if kind == "string" and redis.call("STRLEN", KEYS[1]) == 0 then
  return "dead"
end
if ARGV[3] == "1" and kind ~= "none" then
  return "there"
end
if ARGV[2] == "0" then
  redis.call("SET", KEYS[1], ARGV[1])
else
  redis.call("SET", KEYS[1], ARGV[1], "EX", ARGV[2])
end
return "put"
