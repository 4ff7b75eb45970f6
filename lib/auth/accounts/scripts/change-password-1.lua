-- Replaces a password hash.
--
-- KEYS[1]  the user's key
-- ARGV[1]  the expected current hash
-- ARGV[2]  the new hash
--
-- Output   1  done
--          0  there is another hash, or no such account; nothing was written

if redis.call("HGET", KEYS[1], "passwordHash") ~= ARGV[1] then
  return 0
end
redis.call("HSET", KEYS[1], "passwordHash", ARGV[2])
return 1
