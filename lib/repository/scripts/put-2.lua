-- Writes a whole session as a string, whatever is there.
--
-- KEYS[1]  the session's key
-- KEYS[2]  the key under which it may be instead: what is there goes at the same moment
-- ARGV[1]  its text
-- ARGV[2]  seconds to live; "0" for no expiry
--
-- Output   1

redis.call("UNLINK", KEYS[2])
if ARGV[2] == "0" then
  redis.call("SET", KEYS[1], ARGV[1])
else
  redis.call("SET", KEYS[1], ARGV[1], "EX", ARGV[2])
end
return 1
