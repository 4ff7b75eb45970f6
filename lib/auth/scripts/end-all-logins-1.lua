-- All logins end, but for one that goes on under the new epoch.
--
-- KEYS[1]  the user's list of devices
-- ARGV[1]  the new epoch
-- ARGV[2]  seconds that the list lives
-- ARGV[3]  the field of the login that asks for it; this and the rest are left out if none does
-- ARGV[4]  the epoch of that login
-- ARGV[5]  the field under which it goes on
-- ARGV[6]  its entry
--
-- Output   1; -1 if the login that asks does not hold itself

if ARGV[3] then
  local asker = redis.call("HGET", KEYS[1], ARGV[3])
  if redis.call("HGET", KEYS[1], "epoch") ~= ARGV[4] or (asker and string.sub(asker, 1, 1) == "-") then
    return -1
  end
end
redis.call("DEL", KEYS[1])
redis.call("HSET", KEYS[1], "epoch", ARGV[1], "revoked", "1")
if ARGV[5] then
  redis.call("HSET", KEYS[1], ARGV[5], ARGV[6])
end
redis.call("EXPIRE", KEYS[1], ARGV[2])
return 1
