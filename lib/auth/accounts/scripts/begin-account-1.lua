-- The first step of creating an account: it expires by itself, and cannot be found yet.
--
-- KEYS[1]  the user's key
-- ARGV[1]  seconds to live
-- ARGV[2+] name, value, name, value, ...
--
-- Output   1

for i = 2, #ARGV, 2 do
  redis.call("HSET", KEYS[1], ARGV[i], ARGV[i + 1])
end
redis.call("EXPIRE", KEYS[1], ARGV[1])
return 1
