-- Assigns a user name or an e-mail address to another account, or frees it, if its owner has not changed.
--
-- KEYS[1]  the key of the name or the address
-- ARGV[1]  the expected id
-- ARGV[2]  the new id; "" to free it
--
-- Output   1  done
--          0  it holds another id, or is gone; nothing was written

if redis.call("GET", KEYS[1]) ~= ARGV[1] then
  return 0
end
if ARGV[2] == "" then
  redis.call("DEL", KEYS[1])
else
  redis.call("SET", KEYS[1], ARGV[2])
end
return 1
