-- Adds a login to the list.
--
-- KEYS[1]  the user's list of devices
-- ARGV[1]  the device's field
-- ARGV[2]  its entry
-- ARGV[3]  the epoch for a user who has none
-- ARGV[4]  minimum lifetime of the list in seconds
-- ARGV[5]  seconds for which a revocation must be remembered; "" for forever
-- ARGV[6]  the field of the device that it replaces; "" for none
-- ARGV[7]  the mark to leave there
-- ARGV[8]  "1" to refuse if this login has ended before, or any login was revoked
-- ARGV[9]  the channel that tells of ended logins
-- ARGV[10] the user's id
--
-- Output   array: the user's epoch; the number of fields. Nil if refused.

local revoked = redis.call("HEXISTS", KEYS[1], "revoked") == 1
if ARGV[8] == "1" then
  local entry = redis.call("HGET", KEYS[1], ARGV[1])
  if revoked or (entry and string.sub(entry, 1, 1) == "-") then
    return false
  end
end
redis.call("HSETNX", KEYS[1], "epoch", ARGV[3])
if ARGV[6] ~= "" then
  redis.call("HSET", KEYS[1], ARGV[6], ARGV[7])
  redis.pcall("PUBLISH", ARGV[9], ARGV[10])
end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
local needed = tonumber(ARGV[4])
if revoked then
  needed = ARGV[5] ~= "" and math.max(needed, tonumber(ARGV[5]))
end
if not needed then
  redis.call("PERSIST", KEYS[1])
elseif redis.call("TTL", KEYS[1]) < needed then
  redis.call("EXPIRE", KEYS[1], needed)
end
return {redis.call("HGET", KEYS[1], "epoch"), redis.call("HLEN", KEYS[1])}
