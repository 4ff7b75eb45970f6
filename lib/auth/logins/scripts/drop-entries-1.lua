-- Removes entries from the list, unless they have changed.
--
-- KEYS[1]  the user's list of devices
-- ARGV[1]  logins that began by then, in milliseconds since 1970, have ended unless they are listed; "0" for none
-- ARGV[2+] field, entry, field, entry, ...
--
-- Output   1

local floor = tonumber(redis.call("HGET", KEYS[1], "floor") or "0")
if tonumber(ARGV[1]) > floor and redis.call("EXISTS", KEYS[1]) == 1 then
  redis.call("HSET", KEYS[1], "floor", ARGV[1])
end
for i = 2, #ARGV, 2 do
  if redis.call("HGET", KEYS[1], ARGV[i]) == ARGV[i + 1] then
    redis.call("HDEL", KEYS[1], ARGV[i])
  end
end
return 1
