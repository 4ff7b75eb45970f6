-- Ends all logins, except one that continues under the new epoch.
--
-- KEYS[1]  the user's list of devices
-- ARGV[1]  the new epoch
-- ARGV[2]  lifetime of the list in seconds
-- ARGV[3]  seconds for which a revocation must be remembered; "" for forever
-- ARGV[4]  the channel that tells of ended logins
-- ARGV[5]  the user's id
-- ARGV[6]  the field of the login that asks for it; this and the rest are omitted if none does
-- ARGV[7]  the epoch of that login
-- ARGV[8]  when it began, in milliseconds since 1970
-- ARGV[9]  its entry, in the new epoch
--
-- Output   1; -1 if the login that asks has ended itself

if ARGV[6] then
  local asks = redis.call("HGET", KEYS[1], ARGV[6])
  local floor = redis.call("HGET", KEYS[1], "floor")
  if redis.call("HGET", KEYS[1], "epoch") ~= ARGV[7] or (asks and string.sub(asks, 1, 1) == "-") then
    return -1
  end
  if not asks and floor and tonumber(ARGV[8]) <= tonumber(floor) then
    return -1
  end
end
redis.call("DEL", KEYS[1])
redis.call("HSET", KEYS[1], "epoch", ARGV[1], "revoked", "1")
if ARGV[6] then
  redis.call("HSET", KEYS[1], ARGV[6], ARGV[9])
end
if ARGV[3] ~= "" then
  redis.call("EXPIRE", KEYS[1], math.max(tonumber(ARGV[2]), tonumber(ARGV[3])))
end
redis.pcall("PUBLISH", ARGV[4], ARGV[5])
return 1
