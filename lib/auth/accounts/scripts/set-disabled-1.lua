-- Disables or enables an account.
--
-- KEYS[1]  the user's key
-- ARGV[1]  "1" to disable it, "0" to enable it
--
-- Output   1  done
--          0  there is no such account; nothing was written

if redis.call("EXISTS", KEYS[1]) == 0 then
  return 0
end
if ARGV[1] == "1" then
  redis.call("HSET", KEYS[1], "disabled", "1")
else
  redis.call("HDEL", KEYS[1], "disabled")
end
return 1
