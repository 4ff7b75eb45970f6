-- A login begins.
--
-- KEYS[1]  the user's list of devices
-- ARGV[1]  the device's field
-- ARGV[2]  its entry
-- ARGV[3]  an epoch for a user who has none
-- ARGV[4]  seconds that the list lives at least
-- ARGV[5]  the field of the device that it replaces; "" for none
-- ARGV[6]  "1" if an earlier revocation forbids it
--
-- Output   array: the user's epoch; how many fields there are. Nothing where it is forbidden.

if ARGV[6] == "1" and redis.call("HEXISTS", KEYS[1], "revoked") == 1 then
  return false
end
redis.call("HSETNX", KEYS[1], "epoch", ARGV[3])
if ARGV[5] ~= "" then
  redis.call("HDEL", KEYS[1], ARGV[5])
end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
if redis.call("TTL", KEYS[1]) < tonumber(ARGV[4]) then
  redis.call("EXPIRE", KEYS[1], ARGV[4])
end
return {redis.call("HGET", KEYS[1], "epoch"), redis.call("HLEN", KEYS[1])}
