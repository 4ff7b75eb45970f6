-- One login ends.
--
-- KEYS[1]  the user's list of devices
-- ARGV[1]  the device's field
-- ARGV[2]  the mark to leave there
-- ARGV[3]  the field of the login that asks for it; "" if it ends itself
-- ARGV[4]  the epoch of that login
--
-- Output   1; 0 if no such login is listed; -1 if the login that asks does not hold itself

if ARGV[3] ~= "" then
  local asker = redis.call("HGET", KEYS[1], ARGV[3])
  if redis.call("HGET", KEYS[1], "epoch") ~= ARGV[4] or (asker and string.sub(asker, 1, 1) == "-") then
    return -1
  end
end
local entry = redis.call("HGET", KEYS[1], ARGV[1])
if not entry or string.sub(entry, 1, 1) == "-" then
  return 0
end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
if ARGV[3] ~= "" then
  redis.call("HSET", KEYS[1], "revoked", "1")
end
return 1
