-- The last step of creating an account: from now on it is permanent, and can be found.
--
-- KEYS[1]  the user's key
-- ARGV[1]  milliseconds since 1970
--
-- Output   1  created
--          0  too late: what the first step wrote has expired; nothing was written

if redis.call("EXISTS", KEYS[1]) == 0 then
  return 0
end
redis.call("HSET", KEYS[1], "createdAt", ARGV[1])
redis.call("PERSIST", KEYS[1])
return 1
