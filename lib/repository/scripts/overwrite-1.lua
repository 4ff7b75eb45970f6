-- Writes a whole session, whatever is there, unless it was destroyed.
--
-- KEYS[1]  the session's key
-- ARGV[1]  the text
-- ARGV[2]  seconds to live; "0" for no expiry
--
-- Output   "put", or "dead" (a tombstone; nothing was written)

if redis.call("TYPE", KEYS[1]).ok == "string" and redis.call("STRLEN", KEYS[1]) == 0 then
  return "dead"
end
if ARGV[2] == "0" then
  redis.call("SET", KEYS[1], ARGV[1])
else
  redis.call("SET", KEYS[1], ARGV[1], "EX", ARGV[2])
end
return "put"
