-- Notes that a login was seen; adds it if the list has lost it.
--
-- KEYS[1]  the user's list of devices
-- ARGV[1]  the device's field
-- ARGV[2]  its entry
-- ARGV[3]  its epoch
-- ARGV[4]  when it began, in milliseconds since 1970
-- ARGV[5]  minimum lifetime of the list in seconds
-- ARGV[6]  seconds for which a revocation must be remembered; "" for forever
--
-- Output   1; 0 if the login has ended

if redis.call("HGET", KEYS[1], "epoch") ~= ARGV[3] then
  return 0
end
local entry = redis.call("HGET", KEYS[1], ARGV[1])
local floor = redis.call("HGET", KEYS[1], "floor")
if entry and string.sub(entry, 1, 1) == "-" then
  return 0
end
if not entry and floor and tonumber(ARGV[4]) <= tonumber(floor) then
  return 0
end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
local needed = tonumber(ARGV[5])
if redis.call("HEXISTS", KEYS[1], "revoked") == 1 then
  needed = ARGV[6] ~= "" and math.max(needed, tonumber(ARGV[6]))
end
if not needed then
  redis.call("PERSIST", KEYS[1])
elseif redis.call("TTL", KEYS[1]) < needed then
  redis.call("EXPIRE", KEYS[1], needed)
end
return 1
