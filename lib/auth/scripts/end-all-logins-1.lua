-- All logins end, but for one that goes on under the new epoch.
--
-- KEYS[1]  the user's list of devices
-- ARGV[1]  the new epoch
-- ARGV[2]  seconds that the list lives
-- ARGV[3]  the field of the device that goes on; left out if none does
-- ARGV[4]  its entry
--
-- Output   1

redis.call("DEL", KEYS[1])
redis.call("HSET", KEYS[1], "epoch", ARGV[1], "revoked", "1")
if ARGV[3] then
  redis.call("HSET", KEYS[1], ARGV[3], ARGV[4])
end
redis.call("EXPIRE", KEYS[1], ARGV[2])
return 1
