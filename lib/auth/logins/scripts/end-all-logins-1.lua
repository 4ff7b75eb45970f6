-- Ends all logins, except one that continues under the new epoch.
--
-- KEYS[1]  the user's list of devices
-- ARGV[1]  the new epoch
-- ARGV[2]  lifetime of the list in seconds
-- ARGV[3]  seconds for which a revocation must be remembered; "" for forever
-- ARGV[4]  the field of the login that asks for it; this and the rest are omitted if none does
-- ARGV[5]  the epoch of that login
-- ARGV[6]  when it began, in milliseconds since 1970
-- ARGV[7]  the field under which it continues
-- ARGV[8]  its entry
--
-- Output   1; -1 if the login that asks has ended itself

if ARGV[4] then
  local asks = redis.call("HGET", KEYS[1], ARGV[4])
  local floor = redis.call("HGET", KEYS[1], "floor")
  if redis.call("HGET", KEYS[1], "epoch") ~= ARGV[5] or (asks and string.sub(asks, 1, 1) == "-") then
    return -1
  end
  if not asks and floor and tonumber(ARGV[6]) <= tonumber(floor) then
    return -1
  end
end
redis.call("DEL", KEYS[1])
redis.call("HSET", KEYS[1], "epoch", ARGV[1], "revoked", "1")
if ARGV[7] then
  redis.call("HSET", KEYS[1], ARGV[7], ARGV[8])
end
if ARGV[3] ~= "" then
  redis.call("EXPIRE", KEYS[1], math.max(tonumber(ARGV[2]), tonumber(ARGV[3])))
end
return 1
