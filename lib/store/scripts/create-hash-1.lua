-- Writes a session whole as a hash, whatever is there.
--
-- KEYS[1]  the session's key
-- ARGV[1]  seconds to live; "0" for no end
-- ARGV[2+] name, value, name, value, ...
--
-- Output   1

redis.call("DEL", KEYS[1])
for i = 2, #ARGV, 2 do
  redis.call("HSET", KEYS[1], ARGV[i], ARGV[i + 1])
end
if ARGV[1] ~= "0" then
  redis.call("EXPIRE", KEYS[1], ARGV[1])
end
return 1
